# A module that refuses, at plan, a chain that the control plane would refuse.
variable "trust_anchors_pem" {
  type        = list(string)
  description = "All that is uploaded to the control plane."
}

variable "chain_pem" {
  type        = string
  description = "What the data plane presents: its certificate, then intermediates."

  validation {
    condition     = provider::mtls::validate_chain(var.trust_anchors_pem, var.chain_pem, "konnect", plantimestamp()).trusted
    error_message = provider::mtls::validate_chain(var.trust_anchors_pem, var.chain_pem, "konnect", plantimestamp()).summary
  }
}

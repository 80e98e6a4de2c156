# A module that refuses a chain at plan if the control plane would refuse it.
variable "trust_anchors_pem" {
  type        = list(string)
  description = "Everything that is uploaded to the control plane."
}

variable "chain_pem" {
  type        = string
  description = "What the data plane presents: its certificate, then the intermediates."

  validation {
    condition     = provider::mtls::validate_chain(var.trust_anchors_pem, var.chain_pem, { at = plantimestamp() }).trusted
    error_message = provider::mtls::validate_chain(var.trust_anchors_pem, var.chain_pem, { at = plantimestamp() }).summary
  }
}

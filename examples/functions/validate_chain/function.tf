# A module that refuses a chain at plan if the control plane would refuse it.
variable "trust_anchors_pem" {
  type        = list(string)
  description = "Everything that is uploaded to the control plane."
}

variable "chain_pem" {
  type        = string
  description = "What the data plane presents: its certificate, then the intermediates."
  sensitive   = true # the text may have a key in it

  validation {
    condition     = provider::mtls::validate_chain(var.trust_anchors_pem, var.chain_pem, { at = plantimestamp() }).trusted
    error_message = nonsensitive(provider::mtls::validate_chain(var.trust_anchors_pem, var.chain_pem, { at = plantimestamp() }).summary)
  }
}

terraform {
  required_version = ">= 1.11"
  required_providers {
    mtls = { source = "trustplane/mtls" }
  }
}

variable "trust_anchors_pem" {
  description = "Everything that is uploaded to the control plane, as PEM. The platform team publishes it."
  type        = list(string)

  validation {
    condition     = alltrue([for ca in flatten([for pem in var.trust_anchors_pem : provider::mtls::parse_certificates(pem)]) : ca.is_ca])
    error_message = "Upload CA certificates only: this control plane does not pin certificates."
  }
}

variable "chain_pem" {
  description = "What the data plane presents, as PEM: its certificate, then the intermediates."
  type        = string
  sensitive   = true # Terraform shows the values of a condition that fails, and the text may have a key in it

  validation {
    condition     = provider::mtls::validate_chain(var.trust_anchors_pem, var.chain_pem, { at = plantimestamp() }).trusted
    error_message = nonsensitive(provider::mtls::validate_chain(var.trust_anchors_pem, var.chain_pem, { at = plantimestamp() }).summary) # never has the key in it
  }
}

# From here on, the control plane is known to accept the chain.
output "valid_until" {
  value = nonsensitive(provider::mtls::validate_chain(var.trust_anchors_pem, var.chain_pem, { at = plantimestamp() }).valid_until)
}

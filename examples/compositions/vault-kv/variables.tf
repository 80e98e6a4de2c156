variable "data_planes" {
  description = "The names of the data planes. Each gets its own secret."
  type        = set(string)
}

variable "mount" {
  description = "The mount of the key-value store, version 2."
  type        = string
  default     = "secret"
}

variable "folder" {
  description = "The folder of the secrets below the mount."
  type        = string
  default     = "kong/data-planes"
}

variable "edition" {
  description = "A number to increase for new certificates. Terraform cannot see that a write-only value changes, so this number says when to write."
  type        = number

  validation {
    condition     = var.edition >= 1 && floor(var.edition) == var.edition
    error_message = "edition must be an integer of at least 1, and must increase with each renewal; it is ${var.edition}."
  }
}

variable "validity" {
  description = "How long the certificates are valid, as a Go duration. Make it longer than the time until your pipeline increases edition again."
  type        = string
  default     = "720h"
}

variable "trust_anchors_pem" {
  description = "Everything that is uploaded to the control plane, as PEM."
  type        = list(string)
}

# Ephemeral: the CA's key is never stored in state or plan.
variable "issuer" {
  description = "The CA that signs: certificate, chain and key, as read from a secret store."
  type = object({
    certificate_pem = string
    chain_pem       = optional(string)
    private_key_pem = string
  })
  ephemeral = true

  validation {
    condition     = alltrue([for ca in provider::mtls::parse_certificates(var.issuer.certificate_pem) : ca.is_ca])
    error_message = "issuer.certificate_pem is not a CA certificate: set it to the certificate that signs, not to one that it has signed."
  }
}

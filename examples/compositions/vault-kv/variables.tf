variable "data_planes" {
  description = "The names of the data planes. Each gets a secret of its own."
  type        = set(string)
}

variable "mount" {
  description = "Where the key-value store, version 2, is mounted."
  type        = string
  default     = "secret"
}

variable "folder" {
  description = "The folder of the secrets within the mount."
  type        = string
  default     = "kong/data-planes"
}

variable "edition" {
  description = "A number to raise for new certificates: Terraform does not see a write-only value change, so this says when to write."
  type        = number

  validation {
    condition     = var.edition >= 1 && floor(var.edition) == var.edition
    error_message = "edition is a whole number from 1, and grows with each renewal; it is ${var.edition}."
  }
}

variable "validity" {
  description = "How long the certificates live, as a Go duration: some time longer than your pipeline takes to raise edition again."
  type        = string
  default     = "720h"
}

variable "trust_anchors_pem" {
  description = "All that is uploaded to the control plane, as PEM."
  type        = list(string)
}

# Ephemeral: the CA's key comes into no state and no plan.
variable "issuer" {
  description = "The CA that signs: certificate, chain and key, as a secret store gives them."
  type = object({
    certificate_pem = string
    chain_pem       = optional(string)
    private_key_pem = string
  })
  ephemeral = true

  validation {
    condition     = alltrue([for ca in provider::mtls::parse_certificates(var.issuer.certificate_pem) : ca.is_ca])
    error_message = "issuer.certificate_pem is no CA certificate: give the certificate that signs, not one that it has signed."
  }
}

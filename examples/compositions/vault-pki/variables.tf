variable "data_planes" {
  description = "The names of the data planes. Each gets its own key and certificate."
  type        = set(string)
}

variable "backend" {
  description = "The mount of Vault's PKI engine."
  type        = string
  default     = "pki"
}

variable "role" {
  description = "The role of the engine that signs. It must allow the names, and certificates for clients."
  type        = string
}

variable "validity" {
  description = "How long the certificates are valid, as a Go duration. The role may allow less."
  type        = string
  default     = "2160h"
}

variable "keys" {
  description = "Any text. Changing it makes new keys, and so new certificates."
  type        = string
  default     = "1"
}

variable "trust_anchors_pem" {
  description = "Everything that is uploaded to the control plane, as PEM: with a CA of Vault's among it."
  type        = list(string)

  validation {
    condition     = anytrue([for text in var.trust_anchors_pem : anytrue([for one in provider::mtls::parse_certificates(text) : one.is_ca])])
    error_message = "trust_anchors_pem contains no CA certificate, so the control plane could accept nothing that Vault signs. Upload the CA of Vault's PKI engine."
  }
}

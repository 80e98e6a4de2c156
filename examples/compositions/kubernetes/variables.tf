variable "name" {
  description = "The data plane's name: the common name of its certificate."
  type        = string
}

variable "dns_names" {
  description = "DNS names for its certificate, within what the issuer permits."
  type        = list(string)
  default     = null
}

variable "namespace" {
  description = "The namespace of the Helm release."
  type        = string
  default     = "kong"
}

variable "secret_name" {
  description = "The name of the secret in the chart's values."
  type        = string
  default     = "kong-cluster-cert"
}

# Ephemeral: the CA's key is never stored in this module's state or plan.
variable "issuer" {
  description = "The CA that signs: a whole mtls_control_plane_ca, or an object with these three attributes."
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

variable "trust_anchors_pem" {
  description = "Everything that is uploaded to the control plane, as PEM. It becomes ca.crt."
  type        = list(string)

  validation {
    condition = alltrue([for ca in flatten([for pem in var.trust_anchors_pem : provider::mtls::parse_certificates(pem)]) : ca.is_ca])
    error_message = join("\n", [
      for ca in flatten([for pem in var.trust_anchors_pem : provider::mtls::parse_certificates(pem)]) : "ca.crt must only contain CA certificates: ${ca.subject} is not one." if !ca.is_ca
    ])
  }
}

variable "verifier" {
  description = "Whose rules decide: \"konnect\", or \"kong_hybrid_pki\" for a self-hosted control plane."
  type        = string
  default     = "konnect"

  validation {
    condition     = contains(["konnect", "kong_hybrid_pki"], var.verifier)
    error_message = "verifier must be \"konnect\" or \"kong_hybrid_pki\": a shared certificate has no CA, see the composition hybrid-shared."
  }
}

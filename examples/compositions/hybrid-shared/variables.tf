variable "control_plane" {
  description = "Host and port that data planes connect to."
  type        = string

  validation {
    condition     = can(regex("^[^/:]+:[0-9]+$", var.control_plane))
    error_message = "control_plane must be HOST:PORT without a scheme, such as control-plane.kong.svc:8005; it is \"${var.control_plane}\"."
  }
}

variable "folder" {
  description = "The directory of the certificate and its key on each node."
  type        = string
  default     = "/etc/kong/cluster"
}

variable "validity" {
  description = "How long the certificate is valid, as a Go duration. It is not renewed automatically: see README."
  type        = string
  default     = "26280h" # three years
}

variable "rotation" {
  description = "Any values. Changing one issues a new certificate now. Both sides must then switch at the same time."
  type        = map(string)
  default     = { since = "the beginning" }
}

variable "warn_before" {
  description = "How long before the certificate expires plans start to warn, as a Go duration."
  type        = string
  default     = "720h"
}

variable "certificate_pem" {
  description = "A certificate that both sides already share, as PEM, with private_key_pem. Default: one is generated."
  type        = string
  default     = null

  validation {
    condition     = var.certificate_pem == null || try(length(provider::mtls::parse_certificates(var.certificate_pem)) == 1, false)
    error_message = "certificate_pem must be exactly one certificate: Kong compares the presented certificate with the first one in the file, and ignores all others."
  }
  # Both sides decide: the control plane compares, and each data plane verifies the control plane.
  validation {
    condition = var.certificate_pem == null ? true : alltrue([
      for verifier in ["kong_hybrid_shared", "kong_data_plane_shared"] :
      provider::mtls::validate_chain([var.certificate_pem], var.certificate_pem, { at = plantimestamp(), verifier = verifier }).trusted
    ])
    error_message = var.certificate_pem == null ? "unused" : join("\n", [
      for verifier in ["kong_hybrid_shared", "kong_data_plane_shared"] :
      provider::mtls::validate_chain([var.certificate_pem], var.certificate_pem, { at = plantimestamp(), verifier = verifier }).summary
      if !provider::mtls::validate_chain([var.certificate_pem], var.certificate_pem, { at = plantimestamp(), verifier = verifier }).trusted
    ])
  }
}

variable "private_key_pem" {
  description = "The private key of certificate_pem, as PEM."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition     = (var.private_key_pem == null) == (var.certificate_pem == null)
    error_message = "Set certificate_pem and private_key_pem together: both sides present the certificate, so both need its key."
  }
}

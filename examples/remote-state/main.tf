terraform {
  required_version = ">= 1.11"
  required_providers {
    mtls = { source = "trustplane/mtls", version = ">= 0.1.0" }
  }

  # Address and credentials come from PG_CONN_STR: neither belongs in the repository.
  backend "pg" {
    schema_name = "gateway"
  }
}

variable "rotation" {
  description = "Any values. Changing one rotates the certificate now."
  type        = map(string)
  default     = { since = "the beginning" }
}

resource "mtls_pinned_certificate" "edge" {
  subject           = { common_name = "edge" }
  validity          = "8760h"
  rotation_triggers = var.rotation
}

output "generation" {
  value = mtls_pinned_certificate.edge.generation
}

output "trusted_certificates_pem" {
  value = mtls_pinned_certificate.edge.trusted_certificates_pem
}

# The team of the data planes: it owns the pin and presents it.
terraform {
  required_providers {
    mtls = { source = "trustplane/mtls" }
  }
}

variable "prepublish" { type = string }
variable "turn" { type = string }

resource "mtls_pinned_certificate" "edge" {
  subject           = { common_name = "edge" }
  prepublish        = var.prepublish
  overlap           = "1h"
  rotation_triggers = { turn = var.turn }
}

output "uploads" { value = mtls_pinned_certificate.edge.trusted_certificates_pem }
output "next_at" { value = mtls_pinned_certificate.edge.next_at }

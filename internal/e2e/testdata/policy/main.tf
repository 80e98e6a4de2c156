terraform {
  required_providers {
    mtls = { source = "trustplane/mtls" }
  }
}

variable "renew_before" { type = string }
variable "overlap" { type = string }
variable "turn" { type = string }

resource "mtls_pinned_certificate" "edge" {
  subject           = { common_name = "edge" }
  validity          = "120s"
  renew_before      = var.renew_before
  overlap           = var.overlap
  rotation_triggers = { turn = var.turn }
}

# What is uploaded must be known at plan, whatever the plan is about.
resource "terraform_data" "upload" {
  for_each = mtls_pinned_certificate.edge.trusted_certificates_pem
  input    = each.value
}

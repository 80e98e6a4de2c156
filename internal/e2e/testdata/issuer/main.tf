terraform {
  required_providers {
    mtls = { source = "trustplane/mtls" }
  }
}

variable "leaves" { type = number }

resource "mtls_control_plane_ca" "root" {
  subject      = { common_name = "Root" }
  validity     = "10s"
  renew_before = "0s"
}

resource "mtls_dataplane_certificate" "edge" {
  count   = var.leaves
  subject = { common_name = "edge" }
  issuer  = mtls_control_plane_ca.root
}

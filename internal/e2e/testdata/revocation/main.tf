terraform {
  required_providers {
    mtls = { source = "trustplane/mtls" }
  }
}

variable "turn" { type = string }

resource "mtls_control_plane_ca" "issuing" {
  subject = { common_name = "Issuing" }
}

resource "mtls_dataplane_certificate" "edge" {
  for_each          = toset([for i in range(12) : "edge-${i}"])
  subject           = { common_name = each.key }
  issuer            = mtls_control_plane_ca.issuing
  rotation_triggers = { turn = var.turn }
}

resource "mtls_revocation_list" "issuing" {
  issuer                  = mtls_control_plane_ca.issuing
  active_certificates_pem = [for c in mtls_dataplane_certificate.edge : c.certificate_pem]
  grace                   = "0s"
}

output "serial_numbers" {
  value = [for c in mtls_dataplane_certificate.edge : c.serial_number]
}

output "list" {
  value = {
    number  = mtls_revocation_list.issuing.number
    revoked = mtls_revocation_list.issuing.revoked_serial_numbers
  }
}

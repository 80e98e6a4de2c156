terraform {
  required_version = ">= 1.11"
  required_providers {
    mtls = { source = "trustplane/mtls" }
  }
}

# The CA stays the same, byte for byte, and stays trusted. Its key is moved with it.
moved {
  from = tls_self_signed_cert.root
  to   = mtls_control_plane_ca.root
}

resource "mtls_control_plane_ca" "root" {
  subject = { common_name = "corporate-ca", organization = "Acme" } # as in the certificate
}

# No longer needed: only remove it from the state.
removed {
  from = tls_private_key.root
  lifecycle { destroy = false }
}

# A new certificate from the same CA is accepted like the old one.
removed {
  from = tls_locally_signed_cert.edge
  lifecycle { destroy = false }
}

resource "mtls_dataplane_certificate" "edge" {
  subject = { common_name = "edge-1" }
  issuer  = mtls_control_plane_ca.root
}

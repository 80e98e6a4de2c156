terraform {
  required_version = ">= 1.11"
  required_providers {
    mtls = { source = "trustplane/mtls" }
  }
}

# The CA stays what it is, byte for byte, and so does the trust in it. Its key comes along.
moved {
  from = tls_self_signed_cert.root
  to   = mtls_control_plane_ca.root
}

resource "mtls_control_plane_ca" "root" {
  subject = { common_name = "corporate-ca", organization = "Acme" } # as in the certificate
}

# What is not needed any more is forgotten.
removed {
  from = tls_private_key.root
  lifecycle { destroy = false }
}

# Below the same CA, a new certificate is as good as the old one.
removed {
  from = tls_locally_signed_cert.edge
  lifecycle { destroy = false }
}

resource "mtls_dataplane_certificate" "edge" {
  subject = { common_name = "edge-1" }
  issuer  = mtls_control_plane_ca.root
}

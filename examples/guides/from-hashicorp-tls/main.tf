terraform {
  required_version = ">= 1.11"
  required_providers {
    mtls = { source = "trustplane/mtls" }
    tls  = { source = "hashicorp/tls" }
  }
}

locals {
  edges = toset([for number in range(1, 51) : "edge-${number}"])
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

# Fifty data planes keep their certificates, byte for byte, until they are due.
moved {
  from = tls_locally_signed_cert.edge
  to   = mtls_dataplane_certificate.edge
}

resource "mtls_dataplane_certificate" "edge" {
  for_each           = local.edges
  subject            = { common_name = each.key, organization = "Acme" } # as in the certificate
  issuer             = mtls_control_plane_ca.root
  private_key_pem_wo = tls_private_key.edge[each.key].private_key_pem # hashicorp/tls does not store it with the certificate
}

removed {
  from = tls_cert_request.edge
  lifecycle { destroy = false }
}

# The keys stay where they are.
resource "tls_private_key" "edge" {
  for_each    = local.edges
  algorithm   = "ECDSA"
  ecdsa_curve = "P256"
}

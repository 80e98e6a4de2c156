resource "mtls_control_plane_ca" "root" {
  subject = { common_name = "Acme Gateway Root" }
}

resource "mtls_control_plane_ca" "issuing" {
  subject = { common_name = "Acme Gateway Issuing" }
  issuer  = mtls_control_plane_ca.root
}

# One certificate per data plane, which presents chain_pem and uses private_key_pem.
resource "mtls_dataplane_certificate" "edge" {
  for_each  = toset(["edge-1", "edge-2"])
  subject   = { common_name = each.key }
  dns_names = ["${each.key}.dp.acme.internal"]
  issuer    = mtls_control_plane_ca.issuing # the whole object
}

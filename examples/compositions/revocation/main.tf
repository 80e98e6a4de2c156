locals {
  # nginx wants a list of every CA on the path, the root's among them, or it refuses everybody.
  lists_pem = concat(
    [mtls_revocation_list.root.crl_pem, mtls_revocation_list.issuing.crl_pem],
    values(mtls_revocation_list.root.earlier_crls_pem),
    values(mtls_revocation_list.issuing.earlier_crls_pem),
  )
}

resource "mtls_control_plane_ca" "root" {
  subject           = { common_name = "Site Root" }
  rotation_triggers = var.rotation
}

resource "mtls_control_plane_ca" "issuing" {
  subject         = { common_name = "Site Issuing" }
  issuer          = mtls_control_plane_ca.root
  max_path_length = 0
  validity        = "43800h" # five years, half of the root's
}

# What nginx presents.
resource "mtls_dataplane_certificate" "server" {
  subject             = { common_name = var.server_name }
  dns_names           = [var.server_name]
  extended_key_usages = ["server_auth"]
  issuer              = mtls_control_plane_ca.issuing
}

resource "mtls_dataplane_certificate" "edge" {
  for_each  = var.data_planes
  subject   = { common_name = each.key }
  dns_names = ["${each.key}.${var.domain}"]
  issuer    = mtls_control_plane_ca.issuing
}

# Everything that is in use. A data plane that is taken out of data_planes, or
# re-issued, goes from here, and is revoked after the grace.
resource "mtls_revocation_list" "issuing" {
  issuer                  = mtls_control_plane_ca.issuing
  active_certificates_pem = concat([mtls_dataplane_certificate.server.certificate_pem], [for c in mtls_dataplane_certificate.edge : c.certificate_pem])
  revoked                 = var.revoked
  grace                   = var.grace
  validity                = var.list_validity
}

resource "mtls_revocation_list" "root" {
  issuer                  = mtls_control_plane_ca.root
  active_certificates_pem = [mtls_control_plane_ca.issuing.certificate_pem]
  grace                   = var.grace
  validity                = var.list_validity
}

# nginx with these lists, asked before it is reloaded.
data "mtls_chain_validation" "edge" {
  for_each             = var.data_planes
  verifier             = "nginx"
  trust_anchors_pem    = [mtls_control_plane_ca.root.trust_bundle_pem]
  presented_chain_pem  = mtls_dataplane_certificate.edge[each.key].chain_pem
  revocation_lists_pem = local.lists_pem

  lifecycle {
    postcondition {
      condition     = self.trusted
      error_message = self.summary
    }
  }
}

# An alert where nobody has renewed the lists in time.
check "lists_are_renewed" {
  assert {
    condition     = !mtls_revocation_list.issuing.renewal_due && !mtls_revocation_list.root.renewal_due
    error_message = "A revocation list is due since ${mtls_revocation_list.issuing.renewal_at} or ${mtls_revocation_list.root.renewal_at}. Apply before ${mtls_revocation_list.issuing.next_update}: from then on nginx refuses everybody."
  }
}

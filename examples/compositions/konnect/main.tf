resource "mtls_control_plane_ca" "root" {
  subject           = { common_name = "Gateway Root", organization = var.organization }
  rotation_triggers = var.rotation
}

resource "mtls_control_plane_ca" "issuing" {
  subject          = { common_name = "Gateway Issuing", organization = var.organization }
  issuer           = mtls_control_plane_ca.root
  max_path_length  = 0
  validity         = "43800h" # five years, half of the root's
  name_constraints = { permitted_dns_domains = [var.domain] }
}

resource "mtls_dataplane_certificate" "edge" {
  for_each  = var.data_planes
  subject   = { common_name = each.key }
  dns_names = ["${each.key}.${var.domain}"]
  issuer    = mtls_control_plane_ca.issuing
}

# The current root and, after a rotation, the previous one until its overlap has passed.
resource "konnect_gateway_data_plane_client_certificate" "root" {
  for_each         = mtls_control_plane_ca.root.trusted_certificates_pem
  control_plane_id = var.control_plane_id
  cert             = each.value
  title            = "root ${substr(provider::mtls::fingerprint_sha256(each.value), 0, 12)}"

  lifecycle {
    create_before_destroy = true # delete the old upload last, after all have switched
  }
}

# The same for an Event Gateway, if there is one.
resource "konnect_event_gateway_data_plane_certificate" "root" {
  for_each    = var.event_gateway_id == null ? {} : mtls_control_plane_ca.root.trusted_certificates_pem
  gateway_id  = var.event_gateway_id
  certificate = each.value
  name        = "root-${substr(provider::mtls::fingerprint_sha256(each.value), 0, 12)}"

  lifecycle {
    create_before_destroy = true
  }
}

resource "konnect_gateway_data_plane_client_certificate" "already" {
  for_each         = var.already_uploaded_pem
  control_plane_id = var.control_plane_id
  cert             = each.value
  title            = each.key
}

# A rotation needs room for one more upload. Without it, the API would refuse the upload
# in the middle of the rotation.
check "room_for_a_rotation" {
  assert {
    condition     = length(mtls_control_plane_ca.root.trusted_certificates_pem) + length(var.already_uploaded_pem) < var.upload_limit
    error_message = "All ${var.upload_limit} uploads of the control plane are in use, so the root cannot rotate. Remove certificates from already_uploaded_pem that no data plane uses any more, or ask Kong for a higher limit and set upload_limit."
  }
}

# Would Konnect accept each of them? Checked before anything uses a chain.
data "mtls_chain_validation" "edge" {
  for_each            = var.data_planes
  trust_anchors_pem   = concat(values(mtls_control_plane_ca.root.trusted_certificates_pem), values(var.already_uploaded_pem))
  presented_chain_pem = mtls_dataplane_certificate.edge[each.key].chain_pem

  lifecycle {
    postcondition {
      condition     = self.trusted
      error_message = self.summary
    }
  }
}

# Certificate and key together, never stored in state or plan.
ephemeral "mtls_dataplane_certificate" "edge" {
  for_each = var.data_planes
  subject  = { common_name = each.key }
  issuer   = var.issuer
  validity = var.validity

  lifecycle {
    postcondition {
      condition     = provider::mtls::validate_chain(var.trust_anchors_pem, self.chain_pem, { at = plantimestamp() }).trusted
      error_message = "Konnect would refuse ${each.key}: its chain does not lead to any certificate in trust_anchors_pem. Upload the root of issuer, or use an issuer below an uploaded CA."
    }
  }
}

# Written when edition changes, and never read back.
resource "vault_kv_secret_v2" "edge" {
  for_each = var.data_planes
  mount    = var.mount
  name     = "${var.folder}/${each.key}"
  data_json_wo = jsonencode({
    cluster_cert     = ephemeral.mtls_dataplane_certificate.edge[each.key].chain_pem
    cluster_cert_key = ephemeral.mtls_dataplane_certificate.edge[each.key].private_key_pem
  })
  data_json_wo_version = var.edition
}

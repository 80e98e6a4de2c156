# Would an nginx with this list accept everybody who is in use?
data "mtls_chain_validation" "edge" {
  for_each             = mtls_dataplane_certificate.edge
  verifier             = "nginx"
  trust_anchors_pem    = [mtls_control_plane_ca.issuing.trust_bundle_pem]
  presented_chain_pem  = each.value.chain_pem
  revocation_lists_pem = [mtls_revocation_list.issuing.crl_pem] # with a root above: the list of the root, too
}

check "nobody_in_use_is_refused" {
  assert {
    condition     = alltrue(values(data.mtls_chain_validation.edge)[*].trusted)
    error_message = join("\n", [for verdict in data.mtls_chain_validation.edge : verdict.summary if !verdict.trusted])
  }
}

locals {
  brought = var.certificate_pem != null
}

resource "mtls_pinned_certificate" "shared" {
  subject   = local.brought ? null : { common_name = "kong_clustering" }
  dns_names = local.brought ? null : ["kong_clustering"]
  validity  = local.brought ? null : var.validity

  certificate_pem = var.certificate_pem
  private_key_pem = var.private_key_pem

  # There is one certificate and no overlap, so nothing is renewed behind your back.
  renew_before      = "0s"
  overlap           = "0s"
  rotation_triggers = local.brought ? null : var.rotation
}

data "mtls_chain_validation" "shared" {
  control_plane       = "kong_hybrid_shared"
  trust_anchors_pem   = [mtls_pinned_certificate.shared.certificate_pem]
  presented_chain_pem = mtls_pinned_certificate.shared.certificate_pem
  require_valid_for   = var.warn_before
}

# A warning in each plan, from warn_before on; never an error. The data source
# stands outside: one within a check is read again by each apply, and so no plan
# is empty.
check "certificate_lasts" {
  assert {
    condition     = data.mtls_chain_validation.shared.trusted
    error_message = data.mtls_chain_validation.shared.summary
  }
}

locals {
  provided = var.certificate_pem != null
}

resource "mtls_pinned_certificate" "shared" {
  subject   = local.provided ? null : { common_name = "kong_clustering" }
  dns_names = local.provided ? null : ["kong_clustering"]
  validity  = local.provided ? null : var.validity

  certificate_pem = var.certificate_pem
  private_key_pem = var.private_key_pem

  # There is one certificate and no overlap, so it is never renewed automatically.
  renew_before      = "0s"
  overlap           = "0s"
  rotation_triggers = local.provided ? null : var.rotation
}

data "mtls_chain_validation" "shared" {
  verifier            = "kong_hybrid_shared"
  trust_anchors_pem   = [mtls_pinned_certificate.shared.certificate_pem]
  presented_chain_pem = mtls_pinned_certificate.shared.certificate_pem
  require_valid_for   = var.warn_before
}

# Warns in every plan from warn_before on; never an error. The data source is
# outside the check: one inside it is read again by every apply, so no plan would
# be empty.
check "certificate_lasts" {
  assert {
    condition     = data.mtls_chain_validation.shared.trusted
    error_message = data.mtls_chain_validation.shared.summary
  }
}

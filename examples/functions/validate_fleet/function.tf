resource "mtls_control_plane_ca" "root" {
  subject = { common_name = "Acme Gateway Root" }
}

resource "mtls_control_plane_ca" "issuing" {
  subject = { common_name = "Acme Gateway Issuing" }
  issuer  = mtls_control_plane_ca.root
}

resource "mtls_dataplane_certificate_set" "fra" {
  issuer       = mtls_control_plane_ca.issuing
  certificates = { for i in range(1, 6) : "fra-${i}" => { common_name = "fra-${i}" } }
}

locals {
  fleet = provider::mtls::validate_fleet(
    [mtls_control_plane_ca.root.trust_bundle_pem],
    mtls_dataplane_certificate_set.fra.chains_pem,
    { at = plantimestamp(), require_valid_for = "72h" },
  )
}

check "fleet" {
  assert {
    condition     = local.fleet.trusted
    error_message = local.fleet.summary
  }
}

output "fleet_refused" {
  value = { for name, refusal in local.fleet.refused : name => "${join(", ", refusal.codes)}: ${refusal.first_line}" }
}

output "fleet_first_end" {
  value = try("${local.fleet.first_end.at}: ${local.fleet.first_end.name}, ${local.fleet.first_end.count} in all, by ${local.fleet.first_end.certificate}", "nobody is accepted")
}

output "fleet_timeline" {
  value = local.fleet.timeline # for a comment: terraform output -raw fleet_timeline
}

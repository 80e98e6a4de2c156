# Outputs: maps with one entry per node.
output "plant" {
  value = {
    chains_pem                = mtls_dataplane_certificate_set.plant.chains_pem
    serial_numbers            = mtls_dataplane_certificate_set.plant.serial_numbers
    fingerprints_sha256       = mtls_dataplane_certificate_set.plant.fingerprints_sha256
    revisions                 = mtls_dataplane_certificate_set.plant.revisions # for data_wo_revision and the like
    not_after                 = mtls_dataplane_certificate_set.plant.not_after
    issuer_fingerprint_sha256 = mtls_dataplane_certificate_set.plant.issuer_fingerprint_sha256
    renewal_at                = mtls_dataplane_certificate_set.plant.renewal_at # of the first certificate to become due
    renewal_due               = mtls_dataplane_certificate_set.plant.renewal_due
  }
}

output "plant_private_keys_pem" {
  value     = mtls_dataplane_certificate_set.plant.private_keys_pem # null for line-2
  sensitive = true
}

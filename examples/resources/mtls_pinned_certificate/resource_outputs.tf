# Outputs.
output "edge" {
  value = {
    certificate_pem           = mtls_pinned_certificate.edge.certificate_pem
    chain_pem                 = mtls_pinned_certificate.edge.chain_pem
    trusted_certificates_pem  = mtls_pinned_certificate.edge.trusted_certificates_pem # {"1" = PEM}: upload these
    trust_bundle_pem          = mtls_pinned_certificate.edge.trust_bundle_pem         # the same, as one string
    serial_number             = mtls_pinned_certificate.edge.serial_number
    fingerprint_sha256        = mtls_pinned_certificate.edge.fingerprint_sha256
    spki_sha256               = mtls_pinned_certificate.edge.spki_sha256
    spki_sha256_base64        = mtls_pinned_certificate.edge.spki_sha256_base64
    subject_key_id            = mtls_pinned_certificate.edge.subject_key_id
    issuer_fingerprint_sha256 = mtls_pinned_certificate.edge.issuer_fingerprint_sha256 # null: self-signed
    not_before                = mtls_pinned_certificate.edge.not_before
    not_after                 = mtls_pinned_certificate.edge.not_after
    generation                = mtls_pinned_certificate.edge.generation
    revision                  = mtls_pinned_certificate.edge.revision # for data_wo_revision and the like
    renewal_at                = mtls_pinned_certificate.edge.renewal_at
    renewal_due               = mtls_pinned_certificate.edge.renewal_due
    next_generation           = mtls_pinned_certificate.edge.next_generation # with prepublish: trusted already, not yet presented
    next_at                   = mtls_pinned_certificate.edge.next_at         # the first apply from then on presents it
  }
}

output "edge_private_key_pem" {
  value     = mtls_pinned_certificate.edge.private_key_pem # PKCS#8
  sensitive = true
}

output "edge_next_private_key_pem" {
  value     = mtls_pinned_certificate.edge.next_private_key_pem # it moves to private_key_pem: deploy it from there
  sensitive = true
}

# Outputs.
output "root" {
  value = {
    certificate_pem           = mtls_control_plane_ca.root.certificate_pem
    chain_pem                 = mtls_control_plane_ca.root.chain_pem                # of a root, the root itself
    root_pem                  = mtls_control_plane_ca.root.root_pem                 # null: it is the root
    limits                    = mtls_control_plane_ca.root.limits                   # [] unless it has max_path_length or name_constraints
    trusted_certificates_pem  = mtls_control_plane_ca.root.trusted_certificates_pem # {"1" = PEM}: upload these
    trust_bundle_pem          = mtls_control_plane_ca.root.trust_bundle_pem         # the same, as one string
    serial_number             = mtls_control_plane_ca.root.serial_number
    fingerprint_sha256        = mtls_control_plane_ca.root.fingerprint_sha256
    spki_sha256               = mtls_control_plane_ca.root.spki_sha256
    spki_sha256_base64        = mtls_control_plane_ca.root.spki_sha256_base64
    subject_key_id            = mtls_control_plane_ca.root.subject_key_id
    issuer_fingerprint_sha256 = mtls_control_plane_ca.root.issuer_fingerprint_sha256 # null: self-signed
    not_before                = mtls_control_plane_ca.root.not_before
    not_after                 = mtls_control_plane_ca.root.not_after
    generation                = mtls_control_plane_ca.root.generation
    revision                  = mtls_control_plane_ca.root.revision # for data_wo_revision and the like
    renewal_at                = mtls_control_plane_ca.root.renewal_at
    renewal_due               = mtls_control_plane_ca.root.renewal_due
    next_generation           = mtls_control_plane_ca.root.next_generation # with prepublish: trusted already, not yet presented
    next_at                   = mtls_control_plane_ca.root.next_at         # the first apply from then on presents it
  }
}

output "root_next_private_key_pem" {
  value     = mtls_control_plane_ca.root.next_private_key_pem # of next_generation, while that waits
  sensitive = true
}

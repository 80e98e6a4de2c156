# Outputs.
output "regional_list" {
  value = {
    crl_pem                   = mtls_revocation_list.regional.crl_pem
    crl_der_base64            = mtls_revocation_list.regional.crl_der_base64
    number                    = mtls_revocation_list.regional.number
    this_update               = mtls_revocation_list.regional.this_update
    next_update               = mtls_revocation_list.regional.next_update
    renewal_at                = mtls_revocation_list.regional.renewal_at
    renewal_due               = mtls_revocation_list.regional.renewal_due
    revoked_serial_numbers    = mtls_revocation_list.regional.revoked_serial_numbers
    pending_revocations       = mtls_revocation_list.regional.pending_revocations
    active_sha256             = mtls_revocation_list.regional.active_sha256
    generation                = mtls_revocation_list.regional.generation
    earlier_crls_pem          = mtls_revocation_list.regional.earlier_crls_pem
    issuer_fingerprint_sha256 = mtls_revocation_list.regional.issuer_fingerprint_sha256
  }
}

# Each list under a name that is known at plan: the generation of the CA.
locals {
  lists = merge(
    { (tostring(mtls_revocation_list.regional.generation)) = mtls_revocation_list.regional.crl_pem },
    mtls_revocation_list.regional.earlier_crls_pem,
  )
}

locals {
  certificates = provider::mtls::parse_certificates(file("plant-chain.pem"))
}

output "ends" {
  value = { for certificate in local.certificates : certificate.subject => certificate.not_after }
}

output "leaf" {
  value = {
    pem              = local.certificates[0].certificate_pem # only this one
    subject          = local.certificates[0].subject         # in RFC 4514 notation
    issuer           = local.certificates[0].issuer
    serial           = local.certificates[0].serial_number
    fingerprint      = local.certificates[0].fingerprint_sha256
    key              = local.certificates[0].key_algorithm # "ECDSA-P256"
    spki             = local.certificates[0].spki_sha256
    spki_for_envoy   = local.certificates[0].spki_sha256_base64
    subject_key_id   = local.certificates[0].subject_key_id
    authority_key_id = local.certificates[0].authority_key_id
    from             = local.certificates[0].not_before
    is_ca            = local.certificates[0].is_ca
    names = concat(
      local.certificates[0].dns_names, local.certificates[0].ip_addresses,
      local.certificates[0].uris, local.certificates[0].email_addresses,
    )
  }
}

# Outputs.
output "edge_1" {
  value = {
    certificate_pem           = mtls_dataplane_certificate.edge["edge-1"].certificate_pem
    chain_pem                 = mtls_dataplane_certificate.edge["edge-1"].chain_pem # leaf and intermediate: present this
    serial_number             = mtls_dataplane_certificate.edge["edge-1"].serial_number
    fingerprint_sha256        = mtls_dataplane_certificate.edge["edge-1"].fingerprint_sha256
    spki_sha256               = mtls_dataplane_certificate.edge["edge-1"].spki_sha256
    spki_sha256_base64        = mtls_dataplane_certificate.edge["edge-1"].spki_sha256_base64
    subject_key_id            = mtls_dataplane_certificate.edge["edge-1"].subject_key_id
    issuer_fingerprint_sha256 = mtls_dataplane_certificate.edge["edge-1"].issuer_fingerprint_sha256
    not_before                = mtls_dataplane_certificate.edge["edge-1"].not_before
    not_after                 = mtls_dataplane_certificate.edge["edge-1"].not_after
    generation                = mtls_dataplane_certificate.edge["edge-1"].generation
    revision                  = mtls_dataplane_certificate.edge["edge-1"].revision # for data_wo_revision and the like
    renewal_at                = mtls_dataplane_certificate.edge["edge-1"].renewal_at
    renewal_due               = mtls_dataplane_certificate.edge["edge-1"].renewal_due
  }
}

output "edge_1_private_key_pem" {
  value     = mtls_dataplane_certificate.edge["edge-1"].private_key_pem # PKCS#8
  sensitive = true
}

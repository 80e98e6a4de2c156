output "request" {
  value = {
    csr_pem     = mtls_certificate_request.edge.csr_pem # send this to the CA
    spki_sha256 = mtls_certificate_request.edge.spki_sha256
    generation  = mtls_certificate_request.edge.generation
    renewal_at  = mtls_certificate_request.edge.renewal_at
    renewal_due = mtls_certificate_request.edge.renewal_due
  }
}

output "key_of_the_request" {
  value     = mtls_certificate_request.edge.private_key_pem
  sensitive = true
}

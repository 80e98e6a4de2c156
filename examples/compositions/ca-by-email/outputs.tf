output "requests_pem" {
  description = "The request (CSR) of each data plane, by name: what the CA has to sign."
  value       = { for name, one in mtls_certificate_request.edge : name => one.csr_pem }
}

output "chains_pem" {
  description = "What each data plane presents, by name; only those that the CA has answered."
  value       = { for name, text in local.answered : name => text if text != null }
}

output "private_keys_pem" {
  description = "The private keys of chains_pem, by name."
  value       = { for name, one in mtls_certificate_request.edge : name => one.certificate_private_key_pem if local.answered[name] != null }
  sensitive   = true
}

output "chains_pem" {
  description = "What each data plane presents, by name."
  value       = { for name, one in mtls_dataplane_certificate.edge : name => one.chain_pem }
}

output "private_keys_pem" {
  description = "The private key of each data plane, by name."
  value       = { for name, one in mtls_dataplane_certificate.edge : name => one.private_key_pem }
  sensitive   = true
}

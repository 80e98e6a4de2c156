output "cluster_cert" {
  description = "KONG_CLUSTER_CERT of each data plane: its certificate, then the team's intermediate."
  value       = { for name, certificate in mtls_dataplane_certificate.edge : name => certificate.chain_pem }
  depends_on  = [data.mtls_chain_validation.edge]
}

output "cluster_cert_key" {
  description = "KONG_CLUSTER_CERT_KEY of each data plane."
  value       = { for name, certificate in mtls_dataplane_certificate.edge : name => certificate.private_key_pem }
  sensitive   = true
  depends_on  = [data.mtls_chain_validation.edge]
}

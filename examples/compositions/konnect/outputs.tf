# What is deployed to data planes waits for the uploads: trust first, then switch.
output "cluster_cert" {
  description = "KONG_CLUSTER_CERT of each data plane: its certificate, then the intermediate."
  value       = { for name, certificate in mtls_dataplane_certificate.edge : name => certificate.chain_pem }
  depends_on  = [konnect_gateway_data_plane_client_certificate.root, konnect_event_gateway_data_plane_certificate.root, data.mtls_chain_validation.edge]
}

output "cluster_cert_key" {
  description = "KONG_CLUSTER_CERT_KEY of each data plane."
  value       = { for name, certificate in mtls_dataplane_certificate.edge : name => certificate.private_key_pem }
  sensitive   = true
  depends_on  = [konnect_gateway_data_plane_client_certificate.root, konnect_event_gateway_data_plane_certificate.root, data.mtls_chain_validation.edge]
}

output "uploads" {
  description = "The IDs of the root's uploads in Konnect, by generation."
  value       = { for generation, upload in konnect_gateway_data_plane_client_certificate.root : generation => upload.id }
}

output "issuing" {
  description = "The intermediate, for other modules that issue below it. Whatever it issues is already trusted."
  value       = mtls_control_plane_ca.issuing
  sensitive   = true
  depends_on  = [konnect_gateway_data_plane_client_certificate.root, konnect_event_gateway_data_plane_certificate.root]
}

output "trust_anchors_pem" {
  description = "Everything that is uploaded, as PEM."
  value       = concat(values(mtls_control_plane_ca.root.trusted_certificates_pem), values(var.already_uploaded_pem))
}

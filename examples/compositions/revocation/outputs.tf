locals {
  certificate = "${var.folder}/tls.crt"
  key         = "${var.folder}/tls.key"
  ca          = "${var.folder}/ca.crt"
  lists       = "${var.folder}/crl.pem"
}

output "nginx_files" {
  description = "The files of nginx, by path. Write all of them, then reload nginx: it reads lists only then."
  sensitive   = true
  depends_on  = [data.mtls_chain_validation.edge]
  value = {
    (local.certificate) = mtls_dataplane_certificate.server.chain_pem
    (local.key)         = mtls_dataplane_certificate.server.private_key_pem
    (local.ca)          = mtls_control_plane_ca.root.trust_bundle_pem
    (local.lists)       = join("", local.lists_pem)
  }
}

output "nginx_settings" {
  description = "The directives of the server block."
  value       = <<-EOT
    ssl_certificate        ${local.certificate};
    ssl_certificate_key    ${local.key};
    ssl_verify_client      on;
    ssl_client_certificate ${local.ca};
    ssl_verify_depth       1;
    ssl_crl                ${local.lists};
  EOT
}

output "data_plane_files" {
  description = "The files of each data plane, by name and path."
  sensitive   = true
  value = {
    for name, certificate in mtls_dataplane_certificate.edge : name => {
      (local.certificate) = certificate.chain_pem
      (local.key)         = certificate.private_key_pem
      (local.ca)          = mtls_control_plane_ca.root.trust_bundle_pem
    }
  }
}

output "serial_numbers" {
  description = "The serial number of each data plane's certificate, for revoked."
  value       = { for name, certificate in mtls_dataplane_certificate.edge : name => certificate.serial_number }
}

output "revoked_serial_numbers" {
  description = "What the list of the issuing CA revokes."
  value       = mtls_revocation_list.issuing.revoked_serial_numbers
}

output "pending_revocations" {
  description = "What is no longer in use, and when it is revoked."
  value       = mtls_revocation_list.issuing.pending_revocations
}

output "apply_before" {
  description = "When the first list ends. From then on nginx refuses everybody."
  value       = timecmp(mtls_revocation_list.issuing.next_update, mtls_revocation_list.root.next_update) < 0 ? mtls_revocation_list.issuing.next_update : mtls_revocation_list.root.next_update
}

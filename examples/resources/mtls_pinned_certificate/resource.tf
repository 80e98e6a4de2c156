# Generated: the control plane gets trusted_certificates_pem, the data plane certificate_pem and private_key_pem.
resource "mtls_pinned_certificate" "edge" {
  subject = { common_name = "edge" }
}

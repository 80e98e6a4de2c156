# Generated. Upload trusted_certificates_pem to the control plane, and give certificate_pem and private_key_pem to the data planes.
resource "mtls_pinned_certificate" "edge" {
  subject    = { common_name = "edge" }
  prepublish = "168h" # each new certificate is trusted for a week before it is presented
}

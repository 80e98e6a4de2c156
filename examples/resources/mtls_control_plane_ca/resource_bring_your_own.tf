# Your own CA. The key is optional: without it, the CA is trusted but cannot sign.
resource "mtls_control_plane_ca" "corporate" {
  certificate_pem = file("corporate-ca.pem")
}

# With its key, which is stored in the state. issuer names the CA above it.
resource "mtls_control_plane_ca" "regional" {
  certificate_pem = file("regional-ca.pem")
  private_key_pem = file("regional-ca-key.pem")
  issuer          = { certificate_pem = file("corporate-ca.pem") }
}

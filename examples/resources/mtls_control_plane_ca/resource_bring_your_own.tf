# Bring your own: the key is optional. Without it, the CA is trusted and signs nothing here.
resource "mtls_control_plane_ca" "corporate" {
  certificate_pem = file("corporate-ca.pem")
}

# With its key, kept in the state. What stands above it comes along as issuer.
resource "mtls_control_plane_ca" "regional" {
  certificate_pem = file("regional-ca.pem")
  private_key_pem = file("regional-ca-key.pem")
  issuer          = { certificate_pem = file("corporate-ca.pem") }
}

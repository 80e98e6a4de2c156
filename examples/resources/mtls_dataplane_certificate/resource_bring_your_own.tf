# Bring your own, with what stands above it; that needs no key.
resource "mtls_dataplane_certificate" "store" {
  certificate_pem = file("store.pem")
  private_key_pem = file("store-key.pem") # optional; kept in the state
  issuer          = { certificate_pem = file("corporate-ca.pem") }
}

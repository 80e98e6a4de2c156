# Your own certificate, with its issuer. The issuer needs no key here.
resource "mtls_dataplane_certificate" "store" {
  certificate_pem = file("store.pem")
  private_key_pem = file("store-key.pem") # optional; stored in the state
  issuer          = { certificate_pem = file("corporate-ca.pem") }
}

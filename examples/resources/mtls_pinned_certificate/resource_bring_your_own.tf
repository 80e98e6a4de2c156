# Your own certificate: any leaf, self-signed or issued by a CA.
resource "mtls_pinned_certificate" "store" {
  certificate_pem = file("store.pem")
  private_key_pem = file("store-key.pem") # optional; stored in the state
}

# Bring your own: any leaf, self-signed or issued by a CA.
resource "mtls_pinned_certificate" "store" {
  certificate_pem = file("store.pem")
  private_key_pem = file("store-key.pem") # optional; kept in the state
}

# A list that was made before, by another tool or by a state that is lost: its numbers go on, and what is on it stays there.
resource "mtls_revocation_list" "corporate" {
  issuer = {
    certificate_pem = file("corporate-ca.pem")
    private_key_pem = file("corporate-ca-key.pem")
  }
  active_certificates_pem = [file("store.pem")]
}

# The CA's private key is in an HSM: a program signs the list.
resource "mtls_revocation_list" "signed_by_hsm" {
  issuer = {
    certificate_pem = file("regional-ca.pem")
    signer_command  = ["${path.module}/sign-with-hsm"]
  }
}

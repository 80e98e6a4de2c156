# The issuer's private key is in an HSM: a program signs with it.
resource "mtls_dataplane_certificate" "signed_by_hsm" {
  subject = { common_name = "edge" }
  issuer = {
    certificate_pem = file("regional-ca.pem")
    signer_command  = ["${path.module}/sign-with-hsm"]
  }
}

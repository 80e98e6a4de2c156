# The issuer's private key is in an HSM: a program signs with it, once per node.
resource "mtls_dataplane_certificate_set" "signed_by_hsm" {
  issuer = {
    certificate_pem = file("regional-ca.pem")
    signer_command  = ["${path.module}/sign-with-hsm"]
  }
  certificates = { for name in ["fra-1", "fra-2"] : name => { common_name = name } }
}

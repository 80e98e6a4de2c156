# A root whose private key is in an HSM: a program signs with it. Everything that has
# this CA as its issuer is signed by the same program.
resource "mtls_control_plane_ca" "hsm" {
  subject        = { common_name = "Acme HSM Root" }
  public_key_pem = file("hsm-root-public.pem")
  signer_command = ["${path.module}/sign-with-hsm"]
}

# An intermediate below a CA that is not a resource here.
resource "mtls_control_plane_ca" "below_hsm" {
  subject = { common_name = "Acme Issuing" }
  issuer = {
    certificate_pem = file("regional-ca.pem")
    signer_command  = ["${path.module}/sign-with-hsm"]
  }
}

# The CA of Vault's PKI engine, as the upload of a control plane.
terraform {
  required_providers {
    mtls  = { source = "trustplane/mtls" }
    vault = { source = "hashicorp/vault" }
  }
}

resource "mtls_certificate_request" "probe" {
  subject = { common_name = "probe" }
}

resource "vault_pki_secret_backend_sign" "probe" {
  backend     = "pki"
  name        = "data-planes"
  csr         = mtls_certificate_request.probe.csr_pem
  common_name = "probe"
}

output "certificate_pem" {
  value = vault_pki_secret_backend_sign.probe.issuing_ca
}

# Does the key that a secret store gives belong to the certificate in the repository?
variable "regional_ca_key_pem" {
  type      = string
  default   = null
  sensitive = true
}

locals {
  key_pem = var.regional_ca_key_pem == null ? file("regional-ca-key.pem") : var.regional_ca_key_pem
}

check "key_of_the_regional_ca" {
  assert {
    condition     = provider::mtls::key_matches(file("regional-ca.pem"), local.key_pem)
    error_message = "The key in the secret store is not that of regional-ca.pem."
  }
}

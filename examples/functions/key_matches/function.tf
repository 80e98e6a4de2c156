# Does the key that a secret store gives belong to the certificate in the repository?
check "key_of_the_regional_ca" {
  assert {
    condition     = provider::mtls::key_matches(file("regional-ca.pem"), file("regional-ca-key.pem"))
    error_message = "The key in the secret store is not that of regional-ca.pem."
  }
}

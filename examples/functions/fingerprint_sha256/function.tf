# The output of "openssl x509 -fingerprint -sha256", in lower case and without colons.
output "fingerprint" {
  value = provider::mtls::fingerprint_sha256(file("store.pem"))
}

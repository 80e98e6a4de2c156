# The same for another verifier: an nginx that judges its clients, with a list of every CA.
output "nginx" {
  value = provider::mtls::validate_chain([file("corporate-ca.pem")], file("store.pem"), {
    at                   = plantimestamp()
    verifier             = "nginx"
    verify_depth         = 2 # ssl_verify_depth
    revocation_lists_pem = [file("corporate-ca.crl.pem")]
  }).summary
}

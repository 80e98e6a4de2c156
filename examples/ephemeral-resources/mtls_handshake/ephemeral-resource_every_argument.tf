# Every argument: what a withdrawn certificate is answered, without an error either way.
ephemeral "mtls_handshake" "plant" {
  address           = "cp.acme.internal:8005"
  server_name       = "kong_clustering"
  chain_pem         = file("plant-chain.pem")
  private_key_pem   = file("plant-key.pem")
  trust_anchors_pem = [file("corporate-ca.pem")]

  # What is uploaded, as far as you know: what the server says is compared with what these predict.
  uploaded_pem = [file("corporate-ca.pem")]
  verifier     = "nginx"
  verify_depth = 2

  http    = { path = "/" }
  expect  = "any" # "accepted" is the default; "refused" proves a withdrawal
  timeout = "5s"

  lifecycle {
    # Terraform does not show ephemeral values in error_message.
    postcondition {
      condition     = self.accepted || can(regex("alert (42|45|48)", self.refusal))
      error_message = "The control plane neither accepts plant-7 nor refuses its certificate."
    }
    postcondition {
      condition     = self.tls_version == "TLS 1.3" && startswith(self.cipher_suite, "TLS_AES_")
      error_message = "The control plane still speaks TLS 1.2."
    }
    postcondition {
      condition     = !self.accepted || (self.http_status < 500 && self.summary != "")
      error_message = "The control plane fails."
    }
    postcondition {
      condition     = timecmp(provider::mtls::parse_certificates(self.server_chain_pem)[0].not_after, "2026-01-01T00:00:00Z") > 0
      error_message = "The control plane presents an old certificate."
    }
  }
}

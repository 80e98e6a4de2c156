# A write-only key: it is never in state or plan. It may be an ephemeral value.
resource "mtls_pinned_certificate" "vault" {
  subject                    = { common_name = "edge-vault" }
  private_key_pem_wo         = file("edge-key.pem")
  private_key_pem_wo_version = 1 # change it whenever the key changes
}

# A write-only key: it is never in state or plan. It may be an ephemeral value.
resource "mtls_control_plane_ca" "offline" {
  subject                    = { common_name = "Acme Offline Root" }
  private_key_pem_wo         = file("offline-ca-key.pem")
  private_key_pem_wo_version = 1 # change it whenever the key changes
}

# A key that never leaves the node: openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes ...
resource "mtls_dataplane_certificate" "node" {
  csr_pem = file("node.csr") # subject and names come from the CSR
  issuer  = mtls_control_plane_ca.issuing
}

# A write-only key: it is never in state or plan. It may be an ephemeral value.
resource "mtls_dataplane_certificate" "vault" {
  subject                    = { common_name = "edge-vault" }
  issuer                     = mtls_control_plane_ca.issuing
  private_key_pem_wo         = file("edge-key.pem")
  private_key_pem_wo_version = 1 # change it whenever the key changes
}

# Would the control plane let this data plane in? Ask it. If it refuses, the plan or apply fails with its own words.
ephemeral "mtls_handshake" "store" {
  address           = "cp.acme.internal:8005"
  server_name       = "kong_clustering"
  chain_pem         = file("store-chain.pem")
  private_key_pem   = file("store-key.pem")
  trust_anchors_pem = [file("corporate-ca.pem")]
  http              = { path = "/" } # nginx and Kong decide at the first request
}

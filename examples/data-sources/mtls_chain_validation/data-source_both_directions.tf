resource "mtls_dataplane_certificate" "control_plane" {
  dns_names           = ["control-plane.kong.svc"]
  extended_key_usages = ["server_auth"]
  issuer              = mtls_control_plane_ca.root
}

# The other direction: a self-hosted data plane judges its control plane.
data "mtls_chain_validation" "control_plane" {
  verifier            = "kong_data_plane_pki"
  trust_anchors_pem   = [mtls_control_plane_ca.root.trust_bundle_pem] # lua_ssl_trusted_certificate
  presented_chain_pem = mtls_dataplane_certificate.control_plane.chain_pem
  server_name         = "control-plane.kong.svc" # cluster_server_name, or else the host of cluster_control_plane
  verify_depth        = 1                        # lua_ssl_verify_depth; 1 is its default

  lifecycle {
    postcondition {
      condition     = self.trusted
      error_message = self.summary
    }
  }
}

# The certificate of a self-hosted control plane: data planes look for this name.
resource "mtls_dataplane_certificate" "control_plane" {
  dns_names           = ["kong_clustering"]
  extended_key_usages = ["server_auth"]
  issuer              = mtls_control_plane_ca.issuing
}

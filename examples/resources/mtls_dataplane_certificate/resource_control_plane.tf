# The certificate of a self-hosted control plane (cluster_mtls = pki). Data planes
# verify the name that they connect to, or KONG_CLUSTER_SERVER_NAME if it is set.
resource "mtls_dataplane_certificate" "control_plane" {
  dns_names           = ["control-plane.kong.svc"]
  extended_key_usages = ["server_auth"]
  issuer              = mtls_control_plane_ca.issuing
}

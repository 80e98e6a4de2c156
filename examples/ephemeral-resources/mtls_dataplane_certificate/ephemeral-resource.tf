# Key and certificate go straight to the cluster. Neither is stored in the state.
ephemeral "mtls_dataplane_certificate" "edge" {
  subject = { common_name = "edge-1" }
  issuer  = mtls_control_plane_ca.issuing # the whole object
}

resource "kubernetes_secret_v1" "edge" {
  metadata {
    name      = "kong-cluster-cert"
    namespace = "kong"
  }
  type = "kubernetes.io/tls"
  data_wo = {
    "tls.crt" = ephemeral.mtls_dataplane_certificate.edge.chain_pem
    "tls.key" = ephemeral.mtls_dataplane_certificate.edge.private_key_pem
  }
  data_wo_revision = 1 # increase it to write a new certificate
}

resource "mtls_control_plane_ca" "issuing" {
  subject = { common_name = "Acme Gateway Issuing" }
}

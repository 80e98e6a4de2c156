# Keys are generated and stored in the state, each of them once, as private_key_pem.
terraform {
  required_providers {
    mtls       = { source = "trustplane/mtls" }
    kubernetes = { source = "hashicorp/kubernetes" }
  }
}

resource "mtls_control_plane_ca" "root" {
  subject = { common_name = "Acme Gateway Root", organization = "Acme" }
}

resource "mtls_dataplane_certificate" "edge" {
  subject   = { common_name = "edge-1" }
  dns_names = ["edge-1.dp.acme.internal"]
  issuer    = mtls_control_plane_ca.root
}

# With data instead of data_wo, the key would be in the state a second time.
resource "kubernetes_secret_v1" "edge" {
  metadata {
    name      = "kong-cluster-cert"
    namespace = "kong"
  }
  type = "kubernetes.io/tls"
  data_wo = {
    "tls.crt" = mtls_dataplane_certificate.edge.chain_pem
    "tls.key" = mtls_dataplane_certificate.edge.private_key_pem
  }
  data_wo_revision = mtls_dataplane_certificate.edge.revision # written again for each new certificate
}

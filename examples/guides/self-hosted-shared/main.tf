terraform {
  required_providers {
    mtls       = { source = "trustplane/mtls" }
    kubernetes = { source = "hashicorp/kubernetes" }
  }
}

# One certificate and key for both sides. Data planes look for this very name.
resource "mtls_pinned_certificate" "cluster" {
  subject   = { common_name = "kong_clustering" }
  dns_names = ["kong_clustering"]
  validity  = "26280h" # three years
}

resource "kubernetes_secret_v1" "cluster" {
  metadata {
    name      = "kong-cluster-cert"
    namespace = "kong"
  }
  type = "kubernetes.io/tls"
  data = {
    "tls.crt" = mtls_pinned_certificate.cluster.certificate_pem
    "tls.key" = mtls_pinned_certificate.cluster.private_key_pem
  }
}

terraform {
  required_providers {
    mtls       = { source = "trustplane/mtls" }
    kubernetes = { source = "hashicorp/kubernetes" }
  }
}

# One certificate and key for both sides. Data planes require exactly this name.
resource "mtls_pinned_certificate" "cluster" {
  subject      = { common_name = "kong_clustering" }
  dns_names    = ["kong_clustering"]
  validity     = "26280h" # three years
  renew_before = "0s"     # never automatically: both sides must switch together

  rotation_triggers = { window = "2026-01" } # change it in the maintenance window
}

# Nothing renews it automatically, so warn in time.
data "mtls_chain_validation" "cluster" {
  verifier            = "kong_hybrid_shared"
  trust_anchors_pem   = [mtls_pinned_certificate.cluster.certificate_pem]
  presented_chain_pem = mtls_pinned_certificate.cluster.certificate_pem
  require_valid_for   = "2160h" # 90 days
}

check "cluster" {
  assert {
    condition     = data.mtls_chain_validation.cluster.trusted
    error_message = data.mtls_chain_validation.cluster.summary
  }
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

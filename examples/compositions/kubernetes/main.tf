resource "mtls_dataplane_certificate" "this" {
  subject   = { common_name = var.name }
  dns_names = var.dns_names
  issuer    = var.issuer
}

# A certificate that the control plane would refuse is not written to the cluster.
data "mtls_chain_validation" "this" {
  verifier            = var.verifier
  trust_anchors_pem   = var.trust_anchors_pem
  presented_chain_pem = mtls_dataplane_certificate.this.chain_pem

  lifecycle {
    postcondition {
      condition     = self.trusted
      error_message = self.summary
    }
  }
}

resource "kubernetes_secret_v1" "this" {
  depends_on = [data.mtls_chain_validation.this]

  metadata {
    name      = var.secret_name
    namespace = var.namespace
  }
  type = "kubernetes.io/tls"
  data = {
    "tls.crt" = mtls_dataplane_certificate.this.chain_pem
    "tls.key" = mtls_dataplane_certificate.this.private_key_pem
    "ca.crt"  = join("", var.trust_anchors_pem)
  }
}

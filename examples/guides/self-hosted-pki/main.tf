terraform {
  required_providers {
    mtls       = { source = "trustplane/mtls" }
    kubernetes = { source = "hashicorp/kubernetes" }
  }
}

resource "mtls_control_plane_ca" "root" {
  subject = { common_name = "Acme Gateway Root", organization = "Acme" }
}

resource "mtls_control_plane_ca" "issuing" {
  subject         = { common_name = "Acme Gateway Issuing", organization = "Acme" }
  issuer          = mtls_control_plane_ca.root
  max_path_length = 0
}

resource "mtls_dataplane_certificate" "control_plane" {
  dns_names           = ["control-plane.kong.svc"] # what the data planes connect to
  extended_key_usages = ["server_auth"]
  issuer              = mtls_control_plane_ca.issuing
}

resource "mtls_dataplane_certificate" "edge" {
  subject = { common_name = "edge-1" }
  issuer  = mtls_control_plane_ca.issuing
}

# nginx requires a chain that ends at a self-signed upload: the root, not just the intermediate.
data "mtls_chain_validation" "edge" {
  verifier            = "kong_hybrid_pki"
  trust_anchors_pem   = [mtls_control_plane_ca.root.trust_bundle_pem]
  presented_chain_pem = mtls_dataplane_certificate.edge.chain_pem

  lifecycle {
    postcondition {
      condition     = self.trusted
      error_message = self.summary
    }
  }
}

resource "kubernetes_secret_v1" "kong" {
  for_each = {
    control-plane-cluster-cert = mtls_dataplane_certificate.control_plane
    edge-1-cluster-cert        = mtls_dataplane_certificate.edge
  }
  depends_on = [data.mtls_chain_validation.edge]
  metadata {
    name      = each.key
    namespace = "kong"
  }
  type = "kubernetes.io/tls"
  data = {
    "tls.crt" = each.value.chain_pem
    "tls.key" = each.value.private_key_pem
    "ca.crt"  = mtls_control_plane_ca.root.trust_bundle_pem
  }
}

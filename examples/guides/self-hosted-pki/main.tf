terraform {
  required_providers {
    mtls       = { source = "trustplane/mtls" }
    kubernetes = { source = "hashicorp/kubernetes" }
  }
}

# Both sides verify each other, so a new root is trusted by both before either presents
# what is below it: a week to restart all of them, in any order.
resource "mtls_control_plane_ca" "root" {
  subject      = { common_name = "Acme Gateway Root", organization = "Acme" }
  renew_before = "8760h" # a year: longer than prepublish
  prepublish   = "168h"
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

# And would the data planes accept the control plane?
data "mtls_chain_validation" "control_plane" {
  verifier            = "kong_data_plane_pki"
  trust_anchors_pem   = [mtls_control_plane_ca.root.trust_bundle_pem]
  presented_chain_pem = mtls_dataplane_certificate.control_plane.chain_pem
  server_name         = "control-plane.kong.svc" # KONG_CLUSTER_SERVER_NAME

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
  depends_on = [data.mtls_chain_validation.edge, data.mtls_chain_validation.control_plane]
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

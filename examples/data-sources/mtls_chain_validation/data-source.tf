resource "mtls_control_plane_ca" "root" {
  subject = { common_name = "Acme Gateway Root" }
}

resource "mtls_control_plane_ca" "issuing" {
  subject = { common_name = "Acme Gateway Issuing" }
  issuer  = mtls_control_plane_ca.root
}

resource "mtls_dataplane_certificate" "edge" {
  subject = { common_name = "edge-1" }
  issuer  = mtls_control_plane_ca.issuing
}

# The root is uploaded, and the data plane presents the leaf and the intermediate. Would the control plane accept that?
data "mtls_chain_validation" "edge" {
  trust_anchors_pem   = [mtls_control_plane_ca.root.trust_bundle_pem]
  presented_chain_pem = mtls_dataplane_certificate.edge.chain_pem

  lifecycle {
    postcondition {
      condition     = self.trusted
      error_message = self.summary
    }
  }
}

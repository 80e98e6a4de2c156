terraform {
  required_version = ">= 1.11"
  required_providers {
    mtls = { source = "trustplane/mtls" }
  }
}

# The CA that is uploaded to the control plane.
resource "mtls_control_plane_ca" "root" {
  subject = { common_name = "Acme Gateway Root" }
}

# The CA that signs the data planes' certificates.
resource "mtls_control_plane_ca" "issuing" {
  subject         = { common_name = "Acme Gateway Issuing" }
  issuer          = mtls_control_plane_ca.root
  max_path_length = 0
}

# What a data plane presents.
resource "mtls_dataplane_certificate" "edge" {
  subject = { common_name = "edge-1" }
  issuer  = mtls_control_plane_ca.issuing
}

# Would the control plane accept it?
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

output "verdict" {
  value = data.mtls_chain_validation.edge.summary
}

output "upload_pem" {
  value = mtls_control_plane_ca.root.trust_bundle_pem
}

output "tls_crt" {
  value = mtls_dataplane_certificate.edge.chain_pem
}

output "tls_key" {
  value     = mtls_dataplane_certificate.edge.private_key_pem
  sensitive = true
}

locals {
  server_name = split(":", var.control_plane)[0]
  # Self-signed roots, current, previous and next: nginx does not accept a chain that ends at an intermediate.
  cluster_ca_pem = join("", concat([mtls_control_plane_ca.root.trust_bundle_pem], values(var.additional_cas_pem)))
}

resource "mtls_control_plane_ca" "root" {
  subject           = { common_name = "Cluster Root" }
  prepublish        = var.prepublish # trusted on both sides before anything below it is presented
  overlap           = var.overlap
  rotation_triggers = var.rotation
}

resource "mtls_control_plane_ca" "issuing" {
  subject         = { common_name = "Cluster Issuing" }
  issuer          = mtls_control_plane_ca.root
  max_path_length = 0
  validity        = "43800h" # five years, half of the root's
}

# What the control plane presents. In this mode, data planes verify the name that they are configured with: the host.
resource "mtls_dataplane_certificate" "control_plane" {
  subject             = { common_name = local.server_name }
  dns_names           = [local.server_name]
  extended_key_usages = ["server_auth"]
  issuer              = mtls_control_plane_ca.issuing
}

resource "mtls_dataplane_certificate" "edge" {
  for_each  = var.data_planes
  subject   = { common_name = each.key }
  dns_names = ["${each.key}.${var.domain}"]
  issuer    = mtls_control_plane_ca.issuing
}

data "mtls_chain_validation" "edge" {
  for_each            = var.data_planes
  verifier            = "kong_hybrid_pki"
  trust_anchors_pem   = [local.cluster_ca_pem]
  presented_chain_pem = mtls_dataplane_certificate.edge[each.key].chain_pem

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
  trust_anchors_pem   = [local.cluster_ca_pem]
  presented_chain_pem = mtls_dataplane_certificate.control_plane.chain_pem
  server_name         = local.server_name

  lifecycle {
    postcondition {
      condition     = self.trusted
      error_message = self.summary
    }
  }
}

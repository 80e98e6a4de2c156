terraform {
  required_providers {
    mtls       = { source = "trustplane/mtls" }
    konnect    = { source = "kong/konnect" }
    kubernetes = { source = "hashicorp/kubernetes" }
  }
}

variable "control_plane_id" {
  description = "The control plane's id in Konnect."
  type        = string
  default     = "00000000-0000-0000-0000-000000000000"
}

variable "data_planes" {
  description = "The names of the data planes."
  type        = set(string)
  default     = ["edge-1", "edge-2"]
}

resource "mtls_control_plane_ca" "root" {
  subject = { common_name = "Acme Gateway Root", organization = "Acme" }
}

resource "mtls_control_plane_ca" "issuing" {
  subject          = { common_name = "Acme Gateway Issuing", organization = "Acme" }
  issuer           = mtls_control_plane_ca.root
  max_path_length  = 0
  name_constraints = { permitted_dns_domains = ["dp.acme.internal"] }
}

# Only the root is uploaded. Every chain that leads to it is accepted.
resource "konnect_gateway_data_plane_client_certificate" "root" {
  for_each         = mtls_control_plane_ca.root.trusted_certificates_pem
  control_plane_id = var.control_plane_id
  cert             = each.value

  lifecycle {
    create_before_destroy = true # delete the old upload last, after the data planes have switched
  }
}

resource "mtls_dataplane_certificate" "edge" {
  for_each  = var.data_planes
  subject   = { common_name = each.key }
  dns_names = ["${each.key}.dp.acme.internal"]
  issuer    = mtls_control_plane_ca.issuing
}

# Would Konnect accept this data plane? Checked before anything is written.
data "mtls_chain_validation" "edge" {
  for_each            = var.data_planes
  trust_anchors_pem   = values(mtls_control_plane_ca.root.trusted_certificates_pem)
  presented_chain_pem = mtls_dataplane_certificate.edge[each.key].chain_pem

  lifecycle {
    postcondition {
      condition     = self.trusted
      error_message = self.summary
    }
  }
}

resource "kubernetes_secret_v1" "edge" {
  for_each   = var.data_planes
  depends_on = [konnect_gateway_data_plane_client_certificate.root, data.mtls_chain_validation.edge]
  metadata {
    name      = "${each.key}-cluster-cert"
    namespace = "kong"
  }
  type = "kubernetes.io/tls"
  data = {
    "tls.crt" = mtls_dataplane_certificate.edge[each.key].chain_pem # leaf and intermediate
    "tls.key" = mtls_dataplane_certificate.edge[each.key].private_key_pem
  }
}

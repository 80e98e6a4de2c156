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

resource "mtls_pinned_certificate" "edge" {
  subject  = { common_name = "edge" }
  validity = "8760h" # one year
}

# Konnect trusts each certificate in the map: the current one and, after a rotation, the previous one.
resource "konnect_gateway_data_plane_client_certificate" "edge" {
  for_each         = mtls_pinned_certificate.edge.trusted_certificates_pem
  control_plane_id = var.control_plane_id
  cert             = each.value

  lifecycle {
    create_before_destroy = true # delete the old upload last, after the data planes have switched
  }
}

# The data planes only switch after the upload.
resource "kubernetes_secret_v1" "edge" {
  depends_on = [konnect_gateway_data_plane_client_certificate.edge]
  metadata {
    name      = "kong-cluster-cert"
    namespace = "kong"
  }
  type = "kubernetes.io/tls"
  data = {
    "tls.crt" = mtls_pinned_certificate.edge.certificate_pem
    "tls.key" = mtls_pinned_certificate.edge.private_key_pem
  }
}

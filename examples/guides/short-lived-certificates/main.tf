# Certificate and key go straight to the cluster together, and are valid for a day.
terraform {
  required_providers {
    mtls       = { source = "trustplane/mtls" }
    kubernetes = { source = "hashicorp/kubernetes" }
  }
}

variable "revision" {
  description = "A new number writes a new certificate. Increase it in each scheduled run, well before the last certificate expires."
  type        = number
  default     = 1
}

resource "mtls_control_plane_ca" "root" {
  subject = { common_name = "Acme Gateway Root", organization = "Acme" }
}

# Opened in every plan and every apply, with a different certificate each time.
# It is only written when the revision changes. The others expire unused.
ephemeral "mtls_dataplane_certificate" "edge" {
  subject   = { common_name = "edge-1" }
  dns_names = ["edge-1.dp.acme.internal"]
  issuer    = mtls_control_plane_ca.root
  validity  = "24h"
}

resource "kubernetes_secret_v1" "edge" {
  metadata {
    name      = "kong-cluster-cert"
    namespace = "kong"
  }
  type = "kubernetes.io/tls"
  data_wo = {
    "tls.crt" = ephemeral.mtls_dataplane_certificate.edge.chain_pem
    "tls.key" = ephemeral.mtls_dataplane_certificate.edge.private_key_pem
  }
  data_wo_revision = var.revision
}

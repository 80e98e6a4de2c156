# The three kinds of upload, tried with real certificates: a root (cert3), an
# intermediate below it (cert2), and a data plane's leaf (cert1).
terraform {
  required_version = ">= 1.11"
  required_providers {
    mtls = { source = "trustplane/mtls" }
  }
}

resource "mtls_control_plane_ca" "root" { # cert3
  subject = { common_name = "Acme Gateway Root", organization = "Acme" }
}

resource "mtls_control_plane_ca" "issuing" { # cert2
  subject          = { common_name = "Acme Gateway Issuing", organization = "Acme" }
  issuer           = mtls_control_plane_ca.root
  max_path_length  = 0
  name_constraints = { permitted_dns_domains = ["dp.acme.internal"] }
}

resource "mtls_dataplane_certificate" "edge" { # cert1
  subject   = { common_name = "edge-1" }
  dns_names = ["edge-1.dp.acme.internal"]
  issuer    = mtls_control_plane_ca.issuing
}

locals {
  cert1 = mtls_dataplane_certificate.edge.certificate_pem
  cert2 = mtls_control_plane_ca.issuing.certificate_pem
  cert3 = mtls_control_plane_ca.root.certificate_pem

  # What is uploaded to the control plane, and what the data plane presents.
  scenarios = {
    row_1 = { uploaded = "cert1 only", presented = "cert1", upload = local.cert1, present = local.cert1 }
    row_2 = { uploaded = "cert2 only", presented = "cert1", upload = local.cert2, present = local.cert1 }
    row_3 = { uploaded = "cert3 only", presented = "cert1 + cert2", upload = local.cert3, present = mtls_dataplane_certificate.edge.chain_pem }
    row_4 = { uploaded = "cert3 only", presented = "cert1", upload = local.cert3, present = local.cert1 }
  }
}

data "mtls_chain_validation" "scenario" {
  for_each            = local.scenarios
  trust_anchors_pem   = [each.value.upload]
  presented_chain_pem = each.value.present
}

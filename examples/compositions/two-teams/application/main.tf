data "terraform_remote_state" "platform" {
  backend = var.platform_state.backend
  config  = var.platform_state.config

  lifecycle {
    postcondition {
      condition     = alltrue([for ca in flatten([for pem in self.outputs.trust_anchors_pem : provider::mtls::parse_certificates(pem)]) : ca.is_ca])
      error_message = "trust_anchors_pem of the platform team contains a certificate that is not a CA: a control plane would only trust that one certificate, and none that you issue."
    }
  }
}

locals {
  platform = data.terraform_remote_state.platform.outputs
  issuer   = local.platform.issuers[var.team]
}

resource "mtls_dataplane_certificate" "edge" {
  for_each  = var.data_planes
  subject   = { common_name = each.key }
  dns_names = ["${each.key}.${local.issuer.domain}"]
  issuer = {
    certificate_pem = local.issuer.certificate_pem
    chain_pem       = local.issuer.chain_pem
    private_key_pem = var.issuer_key_pem
  }
}

data "mtls_chain_validation" "edge" {
  for_each            = var.data_planes
  trust_anchors_pem   = local.platform.trust_anchors_pem
  presented_chain_pem = mtls_dataplane_certificate.edge[each.key].chain_pem

  lifecycle {
    postcondition {
      condition     = self.trusted
      error_message = self.summary
    }
  }
}

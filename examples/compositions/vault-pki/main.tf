# Terraform has the key, Vault signs. The certificate that comes back is not given to
# the request, or Terraform would report a cycle.
resource "mtls_certificate_request" "edge" {
  for_each          = var.data_planes
  subject           = { common_name = each.key }
  rotation_triggers = { keys = var.keys }
}

resource "vault_pki_secret_backend_sign" "edge" {
  for_each             = var.data_planes
  backend              = var.backend
  name                 = var.role
  csr                  = mtls_certificate_request.edge[each.key].csr_pem
  common_name          = each.key
  exclude_cn_from_sans = true
  ttl                  = var.validity
  auto_renew           = true # Vault's provider renews it, for the same key
}

resource "mtls_dataplane_certificate" "edge" {
  for_each        = var.data_planes
  certificate_pem = vault_pki_secret_backend_sign.edge[each.key].certificate
  private_key_pem = mtls_certificate_request.edge[each.key].private_key_pem
  issuer          = { certificate_pem = vault_pki_secret_backend_sign.edge[each.key].issuing_ca } # for chain_pem
}

data "mtls_chain_validation" "edge" {
  for_each            = var.data_planes
  trust_anchors_pem   = var.trust_anchors_pem
  presented_chain_pem = mtls_dataplane_certificate.edge[each.key].chain_pem

  lifecycle {
    postcondition {
      condition     = self.trusted
      error_message = "Konnect would refuse ${each.key}, which Vault's role ${var.role} has signed. ${self.summary}"
    }
  }
}

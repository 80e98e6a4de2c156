locals {
  files    = { for name in var.data_planes : name => "${var.answers}/${name}.pem" }
  answered = { for name, file in local.files : name => fileexists(file) ? file(file) : null }
}

# Step 1: a key and a request for each. Step 2: what came back is checked here.
resource "mtls_certificate_request" "edge" {
  for_each        = var.data_planes
  subject         = { common_name = each.key }
  certificate_pem = local.answered[each.key]
  renew_before    = var.renew_before
}

# Those that the CA has signed. While it has not answered a renewal, the certificate
# before stays, with its key.
data "mtls_chain_validation" "edge" {
  for_each            = { for name, text in local.answered : name => text if text != null }
  trust_anchors_pem   = var.trust_anchors_pem
  presented_chain_pem = each.value

  lifecycle {
    postcondition {
      condition     = self.trusted
      error_message = "Konnect would refuse ${each.key} with what the CA has sent back. ${self.summary}"
    }
  }
}

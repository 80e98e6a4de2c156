# The node generates its key and requests a certificate. The key never leaves the node.
terraform {
  required_providers {
    mtls = { source = "trustplane/mtls" }
  }
}

resource "mtls_control_plane_ca" "root" {
  subject = { common_name = "Acme Gateway Root", organization = "Acme" }
}

# Subject and alternative names come from the CSR unless they are set here.
# A CSR may claim any name. Set the subject and names here if they must be trusted.
resource "mtls_dataplane_certificate" "node" {
  csr_pem   = file("node.csr")
  issuer    = mtls_control_plane_ca.root
  subject   = { common_name = "node-1", organization = "Acme" }
  dns_names = ["node-1.dp.acme.internal"]
  validity  = "2160h" # 90 days; renewed for the same key until the CSR changes
}

output "chain_pem" {
  description = "What the node presents, together with its key."
  value       = mtls_dataplane_certificate.node.chain_pem
}

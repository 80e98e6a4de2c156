# The node makes its key and asks for a certificate; the key never leaves it.
terraform {
  required_providers {
    mtls = { source = "trustplane/mtls" }
  }
}

resource "mtls_control_plane_ca" "root" {
  subject = { common_name = "Acme Gateway Root", organization = "Acme" }
}

# Subject and alternative names are the request's own, unless they are set here.
# A request says what its sender likes: set what must be true.
resource "mtls_dataplane_certificate" "node" {
  csr_pem   = file("node.csr")
  issuer    = mtls_control_plane_ca.root
  subject   = { common_name = "node-1", organization = "Acme" }
  dns_names = ["node-1.dp.acme.internal"]
  validity  = "2160h" # 90 days; renewed for the same key until another request comes
}

output "chain_pem" {
  description = "What the node presents, beside its key."
  value       = mtls_dataplane_certificate.node.chain_pem
}

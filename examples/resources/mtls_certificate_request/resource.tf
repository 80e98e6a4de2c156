# Step 1: apply, and send csr_pem to the CA. Step 2: save what comes back as edge.pem,
# and apply again. In time before it ends, a plan makes a new key and request: the same
# two steps once more.
resource "mtls_certificate_request" "edge" {
  subject         = { common_name = "edge-1" }
  dns_names       = ["edge-1.dp.acme.internal"]
  certificate_pem = fileexists("${path.module}/edge.pem") ? file("${path.module}/edge.pem") : null
}

resource "mtls_dataplane_certificate" "edge" {
  count           = mtls_certificate_request.edge.certificate_pem == null ? 0 : 1
  certificate_pem = mtls_certificate_request.edge.certificate_pem
  private_key_pem = mtls_certificate_request.edge.certificate_private_key_pem
}

# The office that signs: it puts its answer where the module looks for it.
terraform {
  required_providers {
    mtls = { source = "trustplane/mtls" }
  }
}

variable "request_pem" { type = string }
variable "file" { type = string }
variable "issuer" {
  type      = object({ certificate_pem = string, chain_pem = string, private_key_pem = string })
  sensitive = true
}

resource "mtls_dataplane_certificate" "answer" {
  csr_pem = var.request_pem
  issuer  = var.issuer
}

resource "terraform_data" "mail" {
  triggers_replace = [mtls_dataplane_certificate.answer.chain_pem]
  provisioner "local-exec" {
    command     = "mkdir -p \"$(dirname \"$FILE\")\" && printf %s \"$CHAIN\" > \"$FILE\""
    environment = { FILE = var.file, CHAIN = mtls_dataplane_certificate.answer.chain_pem }
  }
}

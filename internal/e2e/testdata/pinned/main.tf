terraform {
  required_providers {
    mtls = { source = "trustplane/mtls" }
  }
}

variable "uploads" { type = string }
variable "secrets" { type = string }
variable "turn" { type = string }

resource "mtls_pinned_certificate" "edge" {
  subject           = { common_name = "edge" }
  validity          = "120s"
  renew_before      = "115s"
  overlap           = "6s"
  rotation_triggers = { turn = var.turn }
}

# As a control plane's API would: it answers once the certificate is in force.
resource "terraform_data" "upload" {
  for_each         = mtls_pinned_certificate.edge.trusted_certificates_pem
  triggers_replace = { file = "${var.uploads}/${each.key}.pem", certificate = each.value }

  provisioner "local-exec" {
    command     = "printf %s \"$CERTIFICATE\" >\"$FILE.new\" && mv \"$FILE.new\" \"$FILE\" && until [ -e \"$FILE.trusted\" ]; do sleep 0.02; done"
    environment = { FILE = self.triggers_replace.file, CERTIFICATE = self.triggers_replace.certificate }
  }
  provisioner "local-exec" {
    when        = destroy
    command     = "rm -f \"$FILE\""
    environment = { FILE = self.triggers_replace.file }
  }
}

# Trust first, then switch.
resource "terraform_data" "secret" {
  depends_on       = [terraform_data.upload]
  triggers_replace = { file = "${var.secrets}/edge.pem", content = "${mtls_pinned_certificate.edge.chain_pem}${mtls_pinned_certificate.edge.private_key_pem}" }

  provisioner "local-exec" {
    command     = "umask 077 && printf %s \"$CONTENT\" >\"$FILE.new\" && mv \"$FILE.new\" \"$FILE\""
    environment = { FILE = self.triggers_replace.file, CONTENT = self.triggers_replace.content }
  }
}

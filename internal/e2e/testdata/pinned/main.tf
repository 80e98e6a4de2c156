terraform {
  required_providers {
    mtls = { source = "trustplane/mtls" }
  }
}

variable "uploads" { type = string }
variable "secrets" { type = string }
variable "turn" { type = string }
variable "overlap" {
  type    = string
  default = "6s"
}

resource "mtls_pinned_certificate" "edge" {
  subject           = { common_name = "edge" }
  validity          = "120s"
  renew_before      = "115s"
  overlap           = var.overlap
  rotation_triggers = { turn = var.turn }
}

# As a control plane's API would: an upload has an id, and it answers once the
# certificate is in force.
resource "terraform_data" "upload" {
  for_each         = mtls_pinned_certificate.edge.trusted_certificates_pem
  triggers_replace = { folder = var.uploads, certificate = each.value }

  lifecycle {
    create_before_destroy = true # withdrawn last, after the data planes have switched
  }
  provisioner "local-exec" {
    command     = "test ! -e \"$OUTAGE\" && printf %s \"$CERTIFICATE\" >\"$FILE.new\" && mv \"$FILE.new\" \"$FILE\" && until [ -e \"$FILE.trusted\" ]; do sleep 0.02; done"
    environment = { FILE = "${self.triggers_replace.folder}/${self.id}.pem", CERTIFICATE = self.triggers_replace.certificate, OUTAGE = "${self.triggers_replace.folder}/outage" }
  }
  provisioner "local-exec" {
    when        = destroy
    command     = "rm -f \"$FILE\""
    environment = { FILE = "${self.triggers_replace.folder}/${self.id}.pem" }
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

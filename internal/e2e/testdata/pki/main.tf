terraform {
  required_providers {
    mtls = { source = "trustplane/mtls" }
  }
}

variable "uploads" { type = string }
variable "secrets" { type = string }
variable "turn" { type = string }

# The CA that is uploaded: with the root, data planes present their chain, with
# the intermediate their certificate alone.
variable "anchor" { type = string }

resource "mtls_control_plane_ca" "root" {
  subject           = { common_name = "Root" }
  validity          = "300s"
  renew_before      = "292s"
  overlap           = "6s"
  rotation_triggers = { turn = var.turn }
}

resource "mtls_control_plane_ca" "issuing" {
  subject         = { common_name = "Issuing" }
  issuer          = mtls_control_plane_ca.root
  validity        = "240s"
  renew_before    = "232s"
  overlap         = "6s"
  max_path_length = 0
}

resource "mtls_dataplane_certificate" "edge" {
  for_each     = toset(["edge-1", "edge-2", "edge-3"])
  subject      = { common_name = each.key }
  issuer       = mtls_control_plane_ca.issuing
  validity     = "180s"
  renew_before = "175s"
}

# As a control plane's API would: an upload has an id, and it answers once the
# certificate is in force.
resource "terraform_data" "upload" {
  for_each         = (var.anchor == "root" ? mtls_control_plane_ca.root : mtls_control_plane_ca.issuing).trusted_certificates_pem
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
  for_each         = mtls_dataplane_certificate.edge
  depends_on       = [terraform_data.upload]
  triggers_replace = { file = "${var.secrets}/${each.key}.pem", content = "${var.anchor == "root" ? each.value.chain_pem : each.value.certificate_pem}${each.value.private_key_pem}" }

  provisioner "local-exec" {
    command     = "umask 077 && printf %s \"$CONTENT\" >\"$FILE.new\" && mv \"$FILE.new\" \"$FILE\""
    environment = { FILE = self.triggers_replace.file, CONTENT = self.triggers_replace.content }
  }
}

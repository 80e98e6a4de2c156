terraform {
  required_providers {
    mtls = { source = "trustplane/mtls" }
  }
}

variable "turn" { type = string }

# The private key of this CA is not in Terraform.
resource "mtls_control_plane_ca" "root" {
  subject        = { common_name = "Root" }
  public_key_pem = file("public.pem")
  signer_command = ["${path.module}/sign.sh"]
}

resource "mtls_dataplane_certificate_set" "site" {
  issuer            = mtls_control_plane_ca.root
  certificates      = { for i in range(20) : "fra-${i}" => { common_name = "fra-${i}" } }
  rotation_triggers = { turn = var.turn }
}

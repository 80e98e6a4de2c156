terraform {
  required_providers {
    mtls    = { source = "trustplane/mtls" }
    konnect = { source = "kong/konnect", version = ">= 3.17" }
  }
}

variable "control_plane_id" {
  description = "The control plane's ID in Konnect."
  type        = string
  default     = "00000000-0000-0000-0000-000000000000"
}

resource "mtls_control_plane_ca" "root" {
  subject = { common_name = "Acme Gateway Root", organization = "Acme" }
}

# A title is a name for people. The fingerprint says which certificate it is, whatever
# the generations are called after a lost state.
resource "konnect_gateway_data_plane_client_certificate" "root" {
  for_each         = mtls_control_plane_ca.root.trusted_certificates_pem
  control_plane_id = var.control_plane_id
  cert             = each.value
  title            = "root ${substr(provider::mtls::fingerprint_sha256(each.value), 0, 12)}"

  lifecycle {
    create_before_destroy = true # delete the old upload last, after the data planes have switched
  }
}

# What this state knows to be uploaded: orphans.sh compares it with what is there.
output "trusted_certificates_pem" {
  value = mtls_control_plane_ca.root.trusted_certificates_pem
}

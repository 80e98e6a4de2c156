terraform {
  required_providers {
    mtls = { source = "trustplane/mtls" }
  }
}

variable "turn" { type = string }

resource "mtls_control_plane_ca" "root" {
  subject           = { common_name = "Root" }
  rotation_triggers = { turn = var.turn }
}

resource "mtls_control_plane_ca" "issuing" {
  for_each = toset(["north", "south"])
  subject  = { common_name = "Issuing ${each.key}" }
  issuer   = mtls_control_plane_ca.root
}

resource "mtls_dataplane_certificate" "edge" {
  for_each = toset([for i in range(24) : "edge-${i}"])
  subject  = { common_name = each.key }
  issuer   = mtls_control_plane_ca.issuing[startswith(each.key, "edge-1") ? "north" : "south"]
}

resource "mtls_pinned_certificate" "edge" {
  for_each          = toset([for i in range(12) : "edge-${i}"])
  subject           = { common_name = each.key }
  rotation_triggers = { turn = var.turn }
}

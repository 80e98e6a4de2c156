terraform {
  required_providers {
    mtls = { source = "trustplane/mtls" }
  }
}

resource "mtls_control_plane_ca" "root" {
  subject = { common_name = "Root" }
}

resource "mtls_control_plane_ca" "other" {
  subject = { common_name = "Other root" }
}

resource "mtls_control_plane_ca" "issuing" {
  subject = { common_name = "Issuing" }
  issuer  = mtls_control_plane_ca.root
}

resource "mtls_dataplane_certificate" "edge" {
  subject = { common_name = "edge" }
  issuer  = mtls_control_plane_ca.issuing
}

resource "mtls_dataplane_certificate" "control" {
  subject             = { common_name = "kong_clustering" }
  dns_names           = ["kong_clustering"]
  extended_key_usages = ["server_auth"]
  issuer              = mtls_control_plane_ca.root
}

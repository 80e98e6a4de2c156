terraform {
  required_providers {
    mtls = { source = "trustplane/mtls" }
  }
}

variable "address" {
  type = string
}

variable "verifier" {
  type = string
}

variable "expect" {
  type    = string
  default = "accepted"
}

ephemeral "mtls_handshake" "edge" {
  address           = var.address
  server_name       = "kong_clustering"
  chain_pem         = file("edge.pem")
  private_key_pem   = file("edge.key")
  trust_anchors_pem = [file("root.pem")]
  uploaded_pem      = [file("uploaded.pem")]
  verifier          = var.verifier
  http              = { path = "/" }
  expect            = var.expect
}

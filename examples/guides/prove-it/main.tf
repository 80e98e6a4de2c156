terraform {
  required_version = ">= 1.11"
  required_providers {
    mtls = { source = "trustplane/mtls" }
  }
}

variable "control_planes" {
  description = "Where each control plane listens, as host:port, by name."
  type        = map(string)
  default     = { fra = "cp.acme.internal:8005" }
}

# What the data planes present now must be accepted, and the control plane be trusted.
ephemeral "mtls_handshake" "presented" {
  for_each          = var.control_planes
  address           = each.value
  server_name       = "kong_clustering"
  chain_pem         = file("plant-chain.pem")
  private_key_pem   = file("plant-key.pem")
  trust_anchors_pem = [file("corporate-ca.pem")]
  http              = { path = "/" } # Kong and nginx decide at the first request

  # What is uploaded, and whose rules apply: if the control plane says something else, both are shown.
  uploaded_pem = [file("corporate-ca.pem")]
  verifier     = "kong_hybrid_pki"
}

# What was withdrawn must be refused.
ephemeral "mtls_handshake" "withdrawn" {
  for_each        = var.control_planes
  address         = each.value
  server_name     = "kong_clustering"
  chain_pem       = file("withdrawn-chain.pem")
  private_key_pem = file("withdrawn-key.pem")
  http            = { path = "/" }
  expect          = "refused"
}

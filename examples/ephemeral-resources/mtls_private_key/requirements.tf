terraform {
  required_providers {
    mtls  = { source = "trustplane/mtls" }
    vault = { source = "hashicorp/vault" }
  }
}

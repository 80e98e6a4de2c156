terraform {
  required_providers {
    mtls       = { source = "trustplane/mtls" }
    kubernetes = { source = "hashicorp/kubernetes" }
  }
}

terraform {
  required_version = ">= 1.11"
  required_providers {
    mtls = { source = "trustplane/mtls" }
  }
}

provider "mtls" {} # nothing to configure: you can omit this block

terraform {
  required_version = ">= 1.11"
  required_providers {
    mtls = { source = "trustplane/mtls" }
  }
}

provider "mtls" {} # nothing to configure: this block may be left out

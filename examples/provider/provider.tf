terraform {
  required_version = ">= 1.11"
  required_providers {
    mtls = { source = "trustplane/mtls" }
  }
}

# You can omit this block: both settings are for programs that sign, and these are
# their defaults.
provider "mtls" {
  signer_timeout     = "30s"
  signer_concurrency = 8
}

# What a data plane would read. For tests only: this does store the secret in the state.
terraform {
  required_providers {
    mtls  = { source = "trustplane/mtls" } # for the functions that assertions call
    vault = { source = "hashicorp/vault" }
  }
}

variable "mount" { type = string }
variable "name" { type = string }

data "vault_kv_secret_v2" "this" {
  mount = var.mount
  name  = var.name
}

output "cluster_cert" {
  value = nonsensitive(data.vault_kv_secret_v2.this.data["cluster_cert"])
}

output "cluster_cert_key" {
  value     = data.vault_kv_secret_v2.this.data["cluster_cert_key"]
  sensitive = true
}

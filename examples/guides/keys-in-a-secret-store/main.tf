# Keys are stored in Vault only. Terraform generates them ephemerally, writes them
# to Vault, and reads them back when it signs.
terraform {
  required_providers {
    mtls  = { source = "trustplane/mtls" }
    vault = { source = "hashicorp/vault" }
  }
}

variable "key_versions" {
  description = "Increase a number to replace that key and all certificates that depend on it."
  type        = object({ ca = number, edge = number })
  default     = { ca = 1, edge = 1 }
}

# Opened in every plan and apply, with a different key each time. It is only
# stored when its version changes.
ephemeral "mtls_private_key" "new" {}

resource "vault_kv_secret_v2" "ca" {
  mount                = "secret"
  name                 = "gateway/ca"
  data_json_wo         = jsonencode({ private_key_pem = ephemeral.mtls_private_key.new.private_key_pem })
  data_json_wo_version = var.key_versions.ca
}

# The id is only known once the secret is written, so reading waits until then.
ephemeral "vault_kv_secret_v2" "ca" {
  mount    = vault_kv_secret_v2.ca.mount
  name     = vault_kv_secret_v2.ca.name
  mount_id = vault_kv_secret_v2.ca.id
}

resource "mtls_control_plane_ca" "root" {
  subject                    = { common_name = "Acme Gateway Root", organization = "Acme" }
  private_key_pem_wo         = ephemeral.vault_kv_secret_v2.ca.data.private_key_pem
  private_key_pem_wo_version = vault_kv_secret_v2.ca.data_json_wo_version
}

# The same for a data plane, which reads its key from Vault itself.
ephemeral "mtls_private_key" "new_edge" {}

resource "vault_kv_secret_v2" "edge" {
  mount                = "secret"
  name                 = "gateway/edge-1"
  data_json_wo         = jsonencode({ private_key_pem = ephemeral.mtls_private_key.new_edge.private_key_pem })
  data_json_wo_version = var.key_versions.edge
}

ephemeral "vault_kv_secret_v2" "edge" {
  mount    = vault_kv_secret_v2.edge.mount
  name     = vault_kv_secret_v2.edge.name
  mount_id = vault_kv_secret_v2.edge.id
}

resource "mtls_dataplane_certificate" "edge" {
  subject                    = { common_name = "edge-1" }
  dns_names                  = ["edge-1.dp.acme.internal"]
  private_key_pem_wo         = ephemeral.vault_kv_secret_v2.edge.data.private_key_pem
  private_key_pem_wo_version = vault_kv_secret_v2.edge.data_json_wo_version

  # The CA's own private_key_pem is null. Its key comes from the store.
  issuer = {
    certificate_pem = mtls_control_plane_ca.root.certificate_pem
    chain_pem       = mtls_control_plane_ca.root.chain_pem
    private_key_pem = ephemeral.vault_kv_secret_v2.ca.data.private_key_pem
  }
}

output "chain_pem" {
  description = "What the data plane presents, together with its key from Vault."
  value       = mtls_dataplane_certificate.edge.chain_pem
}

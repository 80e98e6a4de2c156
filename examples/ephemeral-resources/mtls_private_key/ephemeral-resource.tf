# Generated in the apply that stores it, and never in the state. Increase the version to replace it.
ephemeral "mtls_private_key" "issuing" {
  key_algorithm = "ECDSA-P384"
}

resource "vault_kv_secret_v2" "issuing" {
  mount = "secret"
  name  = "gateway/issuing-ca"
  data_json_wo = jsonencode({
    private_key = ephemeral.mtls_private_key.issuing.private_key_pem # PKCS#8
    public_key  = ephemeral.mtls_private_key.issuing.public_key_pem
    spki_sha256 = ephemeral.mtls_private_key.issuing.spki_sha256
  })
  data_json_wo_version = 1
}

# Read the key back to issue the CA: the same key in every plan.
ephemeral "vault_kv_secret_v2" "issuing" {
  mount = vault_kv_secret_v2.issuing.mount
  name  = vault_kv_secret_v2.issuing.name
  # Unknown until the secret is written, so Terraform reads it at apply and not before.
  mount_id = vault_kv_secret_v2.issuing.id
}

resource "mtls_control_plane_ca" "issuing" {
  subject                    = { common_name = "Acme Gateway Issuing" }
  private_key_pem_wo         = ephemeral.vault_kv_secret_v2.issuing.data.private_key
  private_key_pem_wo_version = vault_kv_secret_v2.issuing.data_json_wo_version
}

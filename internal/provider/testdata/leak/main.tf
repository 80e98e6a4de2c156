# Every way in which a private key meets this provider, for the search for
# leaks. Keys in files are made by the test.
terraform {
  required_providers {
    mtls  = { source = "trustplane/mtls" }
    vault = { source = "hashicorp/vault" }
  }
}

variable "round" {
  type    = number
  default = 1
}

variable "held_key" {
  type      = string
  ephemeral = true
}

# Generated, and kept in state.
resource "mtls_control_plane_ca" "root" {
  subject = { common_name = "Root" }
}

resource "mtls_control_plane_ca" "issuing" {
  subject       = { common_name = "Issuing" }
  issuer        = mtls_control_plane_ca.root
  key_algorithm = "RSA-3072"
}

resource "mtls_dataplane_certificate" "leaf" {
  count             = 12
  subject           = { common_name = "leaf-${count.index}" }
  issuer            = mtls_control_plane_ca.issuing
  rotation_triggers = count.index < 3 ? { round = var.round } : null
}

resource "mtls_pinned_certificate" "generated" {
  for_each          = toset(["ECDSA-P256", "ECDSA-P384", "ECDSA-P521", "RSA-2048", "RSA-4096", "ED25519"])
  subject           = { common_name = "pin" }
  key_algorithm     = each.key
  rotation_triggers = { round = var.round }
  reuse_key         = each.key == "RSA-4096"
}

resource "mtls_dataplane_certificate_set" "site" {
  issuer = mtls_control_plane_ca.issuing
  certificates = {
    one   = { common_name = "one" }
    two   = { common_name = "two" }
    three = { common_name = "three", csr_pem = file("node.csr") }
  }
}

# Brought, and kept in state.
resource "mtls_pinned_certificate" "provided" {
  certificate_pem = file("provided.pem")
  private_key_pem = file("provided.key")
}

# Brought write-only: from a file, and as an ephemeral variable.
resource "mtls_control_plane_ca" "write_only" {
  subject                    = { common_name = "Write-only" }
  private_key_pem_wo         = file("write-only-${var.round}.key")
  private_key_pem_wo_version = var.round
}

resource "mtls_pinned_certificate" "write_only" {
  subject            = { common_name = "pin" }
  private_key_pem_wo = var.held_key
}

resource "mtls_dataplane_certificate" "below_write_only" {
  subject            = { common_name = "edge" }
  private_key_pem_wo = file("traditional.key")
  issuer = {
    certificate_pem = mtls_control_plane_ca.write_only.certificate_pem
    private_key_pem = file("write-only-${var.round}.key")
  }
}

# On the node.
resource "mtls_dataplane_certificate" "node" {
  csr_pem = file("node.csr")
  issuer  = mtls_control_plane_ca.issuing
}

# In a secret store: made in passing, written there, read back to sign with.
ephemeral "mtls_private_key" "made" {
  key_algorithm = "RSA-2048"
}

resource "vault_kv_secret_v2" "ca" {
  mount                = "secret"
  name                 = "ca"
  data_json_wo         = jsonencode({ key = ephemeral.mtls_private_key.made.private_key_pem })
  data_json_wo_version = var.round
}

ephemeral "vault_kv_secret_v2" "ca" {
  mount    = vault_kv_secret_v2.ca.mount
  name     = vault_kv_secret_v2.ca.name
  mount_id = vault_kv_secret_v2.ca.id
}

resource "mtls_control_plane_ca" "stored" {
  subject                    = { common_name = "Stored" }
  private_key_pem_wo         = ephemeral.vault_kv_secret_v2.ca.data.key
  private_key_pem_wo_version = vault_kv_secret_v2.ca.data_json_wo_version
}

# In nothing at all but the store: certificate and key together.
ephemeral "mtls_dataplane_certificate" "short" {
  subject = { common_name = "short" }
  issuer = {
    certificate_pem = mtls_control_plane_ca.stored.certificate_pem
    private_key_pem = ephemeral.vault_kv_secret_v2.ca.data.key
  }
}

resource "vault_kv_secret_v2" "short" {
  mount = "secret"
  name  = "short"
  data_json_wo = jsonencode({
    certificate = ephemeral.mtls_dataplane_certificate.short.chain_pem
    key         = ephemeral.mtls_dataplane_certificate.short.private_key_pem
  })
  data_json_wo_version = var.round
}

data "mtls_chain_validation" "leaf" {
  trust_anchors_pem   = [mtls_control_plane_ca.root.trust_bundle_pem]
  presented_chain_pem = mtls_dataplane_certificate.leaf[0].chain_pem
}

output "subject" {
  value = provider::mtls::parse_certificates(mtls_control_plane_ca.root.certificate_pem)[0].subject
}

output "generated_key" {
  value     = mtls_pinned_certificate.generated["ED25519"].private_key_pem
  sensitive = true
}

# Its next key waits in state once round has changed.
resource "mtls_pinned_certificate" "waiting" {
  subject           = { common_name = "waiting" }
  prepublish        = "24h"
  rotation_triggers = { round = var.round }
}

# Shown to a living server: from the state, from a file, and made in passing.
variable "server" {
  type = string
}

ephemeral "mtls_handshake" "from_state" {
  address           = var.server
  chain_pem         = mtls_dataplane_certificate.leaf[0].chain_pem
  private_key_pem   = mtls_dataplane_certificate.leaf[0].private_key_pem
  trust_anchors_pem = [mtls_control_plane_ca.root.trust_bundle_pem]
  uploaded_pem      = [mtls_control_plane_ca.root.trust_bundle_pem]
  http              = { path = "/" }
  expect            = "any"
}

ephemeral "mtls_handshake" "from_a_file" {
  address         = var.server
  chain_pem       = mtls_dataplane_certificate.below_write_only.chain_pem
  private_key_pem = file("traditional.key")
}

ephemeral "mtls_handshake" "in_passing" {
  address         = var.server
  chain_pem       = ephemeral.mtls_dataplane_certificate.short.chain_pem
  private_key_pem = ephemeral.mtls_dataplane_certificate.short.private_key_pem
  http            = { path = "/" }
}

# Held by a program that signs and, beside that, shouts its key.
resource "mtls_control_plane_ca" "held" {
  subject        = { common_name = "Held" }
  public_key_pem = file("held.pub")
  signer_command = ["sh", "sign.sh"]
}

resource "mtls_dataplane_certificate" "below_held" {
  subject           = { common_name = "below-held" }
  issuer            = mtls_control_plane_ca.held
  rotation_triggers = { round = var.round }
}

resource "mtls_revocation_list" "held" {
  issuer                  = mtls_control_plane_ca.held
  active_certificates_pem = [mtls_dataplane_certificate.below_held.certificate_pem]
}

ephemeral "mtls_dataplane_certificate" "below_held" {
  subject = { common_name = "below-held" }
  issuer = {
    certificate_pem = mtls_control_plane_ca.held.certificate_pem
    signer_command  = ["sh", "sign.sh"]
  }
}

resource "vault_kv_secret_v2" "below_held" {
  mount                = "secret"
  name                 = "below-held"
  data_json_wo         = jsonencode({ key = ephemeral.mtls_dataplane_certificate.below_held.private_key_pem })
  data_json_wo_version = var.round
}

# Asked of a CA of somebody else.
resource "mtls_certificate_request" "generated" {
  subject           = { common_name = "asked" }
  rotation_triggers = { round = var.round }
}

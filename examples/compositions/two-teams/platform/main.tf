locals {
  # While the next root waits, the current one signs.
  presented_root_key_pem = (
    var.next_root_key_pem == "" ? var.root_key_pem :
    provider::mtls::key_matches(mtls_control_plane_ca.root.certificate_pem, var.root_key_pem) ? var.root_key_pem : var.next_root_key_pem
  )
}

resource "mtls_control_plane_ca" "root" {
  subject                    = { common_name = "Platform Root" }
  prepublish                 = var.prepublish # trusted before any team presents what is below it
  private_key_pem_wo         = var.next_root_key_pem == "" ? var.root_key_pem : var.next_root_key_pem
  private_key_pem_wo_version = var.root_key_version
}

resource "mtls_control_plane_ca" "team" {
  for_each = var.teams
  subject  = { common_name = "Issuing for ${each.key}" }
  issuer = {
    certificate_pem = mtls_control_plane_ca.root.certificate_pem
    private_key_pem = local.presented_root_key_pem
  }
  private_key_pem_wo         = var.team_keys_pem[each.key]
  private_key_pem_wo_version = lookup(var.team_key_versions, each.key, 1)
  max_path_length            = 0
  validity                   = "43800h" # five years, half of the root's
  name_constraints           = { permitted_dns_domains = [each.value] }
}

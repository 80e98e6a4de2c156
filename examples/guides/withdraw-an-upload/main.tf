terraform {
  required_version = ">= 1.11"
  required_providers {
    mtls = { source = "trustplane/mtls" }
  }
}

variable "withdraw" {
  description = "The upload that is to go, by its name in local.uploads."
  type        = string
  default     = "corporate"
}

resource "mtls_control_plane_ca" "root" {
  subject = { common_name = "Acme Gateway Root" }
}

resource "mtls_control_plane_ca" "issuing" {
  subject = { common_name = "Acme Gateway Issuing" }
  issuer  = mtls_control_plane_ca.root
}

resource "mtls_dataplane_certificate_set" "fra" {
  issuer       = mtls_control_plane_ca.issuing
  certificates = { for i in range(1, 41) : "fra-${i}" => { common_name = "fra-${i}" } }
}

locals {
  # What is uploaded today, and what all data planes present.
  uploads = { root = mtls_control_plane_ca.root.trust_bundle_pem, corporate = file("corporate-ca.pem") }
  chains  = merge(mtls_dataplane_certificate_set.fra.chains_pem, { store = file("store-chain.pem"), plant = file("plant-chain.pem") })

  # The verdicts with the uploads of tomorrow.
  tomorrow = provider::mtls::validate_fleet(
    [for name, upload in local.uploads : upload if name != var.withdraw],
    local.chains,
    { at = plantimestamp() },
  )
}

# A warning in the plan; a precondition on the upload would stop it.
check "nobody_is_shut_out" {
  assert {
    condition     = local.tomorrow.trusted
    error_message = "Withdrawing ${var.withdraw}: ${local.tomorrow.summary}"
  }
}

# For a pull request: terraform output -raw report
output "report" {
  value = join("\n", ["### Without ${var.withdraw}", "```text", local.tomorrow.summary, "```", "```mermaid", local.tomorrow.timeline, "```"])
}

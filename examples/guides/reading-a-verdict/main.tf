data "mtls_chain_validation" "plant" {
  trust_anchors_pem   = [file("corporate-ca.pem")]
  presented_chain_pem = join("", [file("plant-chain.pem"), file("corporate-ca.pem")])
}

locals {
  tolerated = ["root_presented"] # it does no harm

  warnings = [
    for finding in data.mtls_chain_validation.plant.findings : finding
    if finding.severity == "warning" && !contains(local.tolerated, finding.code)
  ]
}

check "plant" {
  assert {
    condition     = length(local.warnings) == 0
    error_message = join("\n", [for warning in local.warnings : "${warning.detail}: ${warning.hint}"])
  }
}

terraform {
  required_version = ">= 1.11"
  required_providers {
    mtls = { source = "trustplane/mtls" }
  }
}

# The deployed certificates. This configuration creates nothing.
data "mtls_chain_validation" "deployed" {
  for_each            = { store = "store.pem", plant = "plant-chain.pem" }
  trust_anchors_pem   = [file("corporate-ca.pem")]
  presented_chain_pem = file(each.value)
  require_valid_for   = "720h" # at least 30 days from now
}

# A check warns and lets the plan continue; a postcondition would stop it.
check "deployed_certificates" {
  assert {
    condition = alltrue(values(data.mtls_chain_validation.deployed)[*].trusted)
    error_message = join("\n", [
      for verdict in data.mtls_chain_validation.deployed : verdict.summary if !verdict.trusted
    ])
  }
}

# For the pull request: the verdicts as text, and the chains as Mermaid diagrams.
output "report" {
  value = join("\n", flatten([
    for name, verdict in data.mtls_chain_validation.deployed : [
      "### ${name}", "```text", verdict.summary, "```", "```mermaid", verdict.diagram, "```",
    ]
  ]))
}

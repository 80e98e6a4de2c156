locals {
  table = [for name, scenario in local.scenarios : format("%-12s%-16s%-11s%-8s%s",
    scenario.uploaded, scenario.presented,
    data.mtls_chain_validation.scenario[name].trusted ? "yes" : "no",
    coalesce(data.mtls_chain_validation.scenario[name].mode, "-"),
    local.why[name],
  )]

  # Why: the accepted path, from leaf to anchor, or the first finding.
  why = { for name, verdict in data.mtls_chain_validation.scenario : name =>
    verdict.trusted ? join(" <- ", verdict.path[*].subject) : "${verdict.findings[0].code}: see why_not below"
  }
}

output "verdicts" {
  description = "What is uploaded, what the data plane presents, and whether the control plane accepts it."
  value       = <<-EOT

    ${format("%-12s%-16s%-11s%-8s%s", "uploaded", "presented", "accepted?", "mode", "why")}
    ${join("\n", local.table)}
  EOT
}

output "why_not" {
  description = "The refused chain, explained."
  value       = data.mtls_chain_validation.scenario["row_4"].summary
}

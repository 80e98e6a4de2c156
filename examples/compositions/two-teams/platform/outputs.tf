# What other teams read from the remote state. None of it is secret.
output "trust_anchors_pem" {
  description = "Everything that is uploaded to the control plane, as PEM."
  value       = values(mtls_control_plane_ca.root.trusted_certificates_pem)
}

output "issuers" {
  description = "The intermediate of each team, by team name. Its key is in the team's secret store."
  value = {
    for team, ca in mtls_control_plane_ca.team : team => {
      certificate_pem = ca.certificate_pem
      chain_pem       = ca.chain_pem
      domain          = var.teams[team]
    }
  }
}

# What other teams read from the remote state. None of it is secret.
output "trust_anchors_pem" {
  description = "Everything that is uploaded to the control plane, as PEM."
  value       = values(mtls_control_plane_ca.root.trusted_certificates_pem)
}

output "next_root" {
  description = "What waits: the next root, which is trusted already, and when it is presented; null if none waits."
  value       = mtls_control_plane_ca.root.next_generation == null ? null : { generation = mtls_control_plane_ca.root.next_generation, at = mtls_control_plane_ca.root.next_at }
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

variables {
  team        = "payments"
  data_planes = ["edge-1"]
}

run "fixtures" {
  module { source = "../../fixtures" }
}

run "platform" {
  module { source = "./tests/published" }
  variables {
    teams         = { payments = "payments.dp.acme.internal" }
    root_key_pem  = run.fixtures.private_key_pem.root
    team_keys_pem = { payments = run.fixtures.private_key_pem.issuing }
  }
}

run "issues_below_what_the_platform_publishes" {
  variables {
    platform_state = run.platform.state
    issuer_key_pem = run.fixtures.private_key_pem.issuing
  }
  assert {
    condition     = provider::mtls::validate_chain(run.platform.trust_anchors_pem, output.cluster_cert["edge-1"], { at = plantimestamp() }).trusted
    error_message = "the control plane would refuse it"
  }
  assert {
    condition     = provider::mtls::parse_certificates(output.cluster_cert["edge-1"])[0].dns_names == tolist(["edge-1.payments.dp.acme.internal"])
    error_message = "it is not named below the team's domain"
  }
}

# terraform test wants an ephemeral variable set, also where its default would do.
variables {
  next_root_key_pem = ""
}

run "fixtures" {
  module { source = "../../fixtures" }
}

run "publishes_an_issuer_for_each_team" {
  variables {
    teams         = { payments = "payments.dp.acme.internal", search = "search.dp.acme.internal" }
    root_key_pem  = run.fixtures.private_key_pem.root
    team_keys_pem = { payments = run.fixtures.private_key_pem.issuing, search = run.fixtures.private_key_pem.stranger }
  }
  assert {
    condition     = join(" ", keys(output.issuers)) == "payments search"
    error_message = "a team has no issuer"
  }
  assert {
    condition     = provider::mtls::parse_certificates(output.issuers["payments"].certificate_pem)[0].issuer == "CN=Platform Root"
    error_message = "the root did not sign it"
  }
}

run "keeps_keys_out_of_the_state" {
  variables {
    teams         = { payments = "payments.dp.acme.internal", search = "search.dp.acme.internal" }
    root_key_pem  = run.fixtures.private_key_pem.root
    team_keys_pem = { payments = run.fixtures.private_key_pem.issuing, search = run.fixtures.private_key_pem.stranger }
  }
  assert {
    condition     = alltrue([for ca in concat([mtls_control_plane_ca.root], values(mtls_control_plane_ca.team)) : ca.private_key_pem == null])
    error_message = "a key is in the state that other teams read"
  }
}

run "replaces_one_team_alone" {
  variables {
    teams             = { payments = "payments.dp.acme.internal", search = "search.dp.acme.internal" }
    root_key_pem      = run.fixtures.private_key_pem.root
    team_keys_pem     = { payments = run.fixtures.private_key_pem.shared, search = run.fixtures.private_key_pem.stranger }
    team_key_versions = { payments = 2 }
  }
  assert {
    condition     = output.issuers["payments"].certificate_pem != run.publishes_an_issuer_for_each_team.issuers["payments"].certificate_pem
    error_message = "the team still has its old intermediate"
  }
  assert {
    condition     = output.issuers["search"].certificate_pem == run.publishes_an_issuer_for_each_team.issuers["search"].certificate_pem
    error_message = "another team's intermediate was replaced too"
  }
  assert {
    condition     = length(output.trust_anchors_pem) == 1
    error_message = "the root was replaced too"
  }
}

run "trusts_the_next_root_first" {
  variables {
    teams             = { payments = "payments.dp.acme.internal", search = "search.dp.acme.internal" }
    root_key_pem      = run.fixtures.private_key_pem.root
    next_root_key_pem = run.fixtures.private_key_pem.plain
    root_key_version  = 2
    team_keys_pem     = { payments = run.fixtures.private_key_pem.shared, search = run.fixtures.private_key_pem.stranger }
    team_key_versions = { payments = 2 }
  }
  assert {
    condition     = length(output.trust_anchors_pem) == 2 && output.next_root.generation == 2
    error_message = "the next root is not trusted yet"
  }
  assert {
    condition     = output.issuers == run.replaces_one_team_alone.issuers
    error_message = "a team is given an intermediate whose root nobody trusts yet"
  }
}

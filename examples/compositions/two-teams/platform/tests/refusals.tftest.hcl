run "fixtures" {
  module { source = "../../fixtures" }
}

run "refuses_a_domain_with_a_star" {
  command = plan
  variables {
    teams         = { payments = "*.payments.dp.acme.internal" }
    root_key_pem  = run.fixtures.private_key_pem.root
    team_keys_pem = { payments = run.fixtures.private_key_pem.issuing }
  }
  expect_failures = [var.teams]
}

run "refuses_a_team_without_a_key" {
  command = plan
  variables {
    teams         = { payments = "payments.dp.acme.internal", search = "search.dp.acme.internal" }
    root_key_pem  = run.fixtures.private_key_pem.root
    team_keys_pem = { payments = run.fixtures.private_key_pem.issuing }
  }
  expect_failures = [var.team_keys_pem]
}

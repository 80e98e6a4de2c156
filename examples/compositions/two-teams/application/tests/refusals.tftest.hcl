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
    teams         = { payments = "payments.dp.acme.internal", search = "search.dp.acme.internal" }
    root_key_pem  = run.fixtures.private_key_pem.stranger
    team_keys_pem = { payments = run.fixtures.private_key_pem.issuing, search = run.fixtures.private_key_pem.shared }
  }
}

run "refuses_a_team_that_the_platform_does_not_know" {
  command = plan
  variables {
    platform_state = run.platform.state
    team           = "ads"
    issuer_key_pem = run.fixtures.private_key_pem.issuing
  }
  expect_failures = [var.team]
}

run "refuses_a_chain_of_another_root" {
  command = plan
  variables {
    platform_state     = run.platform.state
    issuer_key_pem     = run.fixtures.private_key_pem.issuing
    running_chains_pem = { old-1 = run.fixtures.chain_pem.leaf }
  }
  expect_failures = [var.running_chains_pem]
}

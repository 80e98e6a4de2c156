variables {
  control_plane = "control-plane.kong.svc:8005"
  domain        = "dp.acme.internal"
  data_planes   = ["edge-1"]
}

run "fixtures" {
  module { source = "../fixtures" }
}

# Konnect would accept it. nginx does not accept a chain that ends at an intermediate.
run "refuses_an_intermediate_alone" {
  command = plan
  variables {
    additional_cas_pem = { old = run.fixtures.certificate_pem.issuing }
    running_chains_pem = { old-1 = run.fixtures.certificate_pem.leaf }
  }
  expect_failures = [var.running_chains_pem]
}

run "refuses_a_certificate_for_servers" {
  command = plan
  variables {
    additional_cas_pem = { old = run.fixtures.certificate_pem.root }
    running_chains_pem = { old-1 = run.fixtures.chain_pem.server }
  }
  expect_failures = [var.running_chains_pem]
}

run "refuses_to_trust_a_leaf" {
  command = plan
  variables { additional_cas_pem = { old = run.fixtures.certificate_pem.leaf } }
  expect_failures = [var.additional_cas_pem]
}

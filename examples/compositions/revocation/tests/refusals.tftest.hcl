variables {
  server_name = "cp.acme.internal"
  domain      = "dp.acme.internal"
  data_planes = ["edge-1"]
}

run "a_site" {
  command = apply
}

# A certificate that is still in use: the verdict comes before nginx is reloaded.
run "refuses_to_revoke_what_is_in_use" {
  variables { revoked = [{ serial_number = run.a_site.serial_numbers["edge-1"], reason = "key_compromise" }] }
  expect_failures = [data.mtls_chain_validation.edge]
}

run "refuses_a_list_that_no_weekend_survives" {
  command = plan
  variables { list_validity = "24h" }
  expect_failures = [var.list_validity]
}

run "refuses_a_name_for_a_serial_number" {
  command = plan
  variables { revoked = [{ serial_number = "edge-1" }] }
  expect_failures = [var.revoked]
}

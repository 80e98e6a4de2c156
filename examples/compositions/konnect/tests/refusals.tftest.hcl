variables {
  control_plane_id = "9524ec7d-36d9-465d-a8c5-83a3c9390458"
  domain           = "dp.acme.internal"
  data_planes      = ["edge-1"]
}

run "fixtures" {
  module { source = "../fixtures" }
}

run "refuses_an_id_that_is_none" {
  command = plan
  variables { control_plane_id = "my-control-plane" }
  expect_failures = [var.control_plane_id]
}

run "refuses_a_bundle_where_one_certificate_is_meant" {
  command = plan
  variables { already_uploaded_pem = { old = "${run.fixtures.certificate_pem.issuing}${run.fixtures.certificate_pem.root}" } }
  expect_failures = [var.already_uploaded_pem]
}

run "refuses_more_uploads_than_fit" {
  command = plan
  variables { already_uploaded_pem = { for i in range(32) : "old ${i}" => run.fixtures.certificate_pem.issuing } }
  expect_failures = [var.already_uploaded_pem]
}

run "refuses_to_lock_out_a_running_data_plane" {
  command = plan
  variables {
    already_uploaded_pem = { old = run.fixtures.certificate_pem.root }
    running_chains_pem   = { old-1 = run.fixtures.certificate_pem.leaf }
  }
  expect_failures = [var.running_chains_pem]
}

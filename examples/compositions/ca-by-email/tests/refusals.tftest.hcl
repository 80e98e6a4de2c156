variables {
  data_planes = ["edge-1"]
  answers     = "./tests/mixed-up"
}

run "fixtures" {
  module { source = "../fixtures" }
}

run "refuses_names_that_are_no_files" {
  command = plan
  variables {
    data_planes       = ["edge/1"]
    trust_anchors_pem = [run.fixtures.certificate_pem.root]
  }
  expect_failures = [var.data_planes]
}

variables {
  data_planes = ["edge-1"]
  role        = "data-planes"
}

run "fixtures" {
  module { source = "../fixtures" }
}

run "refuses_a_leaf_as_the_only_upload" {
  command = plan
  variables { trust_anchors_pem = [run.fixtures.certificate_pem.leaf] }
  expect_failures = [var.trust_anchors_pem]
}

run "refuses_a_ca_that_is_not_uploaded" {
  variables { trust_anchors_pem = [run.fixtures.certificate_pem.stranger] }
  expect_failures = [data.mtls_chain_validation.edge]
}

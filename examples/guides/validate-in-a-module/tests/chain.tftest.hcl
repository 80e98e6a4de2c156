variables {
  trust_anchors_pem = [file("corporate-ca.pem")]
  chain_pem         = file("plant-chain.pem")
}

run "accepts_a_chain_that_leads_to_an_upload" {
  command = plan
  assert {
    condition     = output.valid_until != null
    error_message = "a trusted chain has an expiry date"
  }
}

run "refuses_a_leaf_without_its_intermediate" {
  command = plan
  variables { chain_pem = file("plant.pem") }
  expect_failures = [var.chain_pem]
}

run "refuses_an_upload_that_is_no_ca" {
  command = plan
  variables { trust_anchors_pem = [file("corporate-ca.pem"), file("store.pem")] }
  expect_failures = [var.trust_anchors_pem]
}

variables {
  trust_anchors_pem = [file("corporate-ca.pem")]
}

run "accepts_a_chain_that_leads_to_an_upload" {
  command = plan
  variables { chain_pem = file("plant-chain.pem") }
}

run "refuses_a_leaf_without_its_intermediate" {
  command = plan
  variables { chain_pem = file("plant.pem") }
  expect_failures = [var.chain_pem]
}

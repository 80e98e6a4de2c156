variables {
  name = "edge-1"
}

run "fixtures" {
  module { source = "../fixtures" }
}

run "refuses_an_issuer_that_is_no_ca" {
  command = plan
  variables {
    issuer = {
      certificate_pem = run.fixtures.certificate_pem.leaf
      private_key_pem = run.fixtures.private_key_pem.issuing
    }
    trust_anchors_pem = [run.fixtures.certificate_pem.root]
  }
  expect_failures = [var.issuer]
}

run "refuses_an_anchor_that_is_no_ca" {
  command = plan
  variables {
    issuer = {
      certificate_pem = run.fixtures.certificate_pem.issuing
      private_key_pem = run.fixtures.private_key_pem.issuing
    }
    trust_anchors_pem = [run.fixtures.certificate_pem.root, run.fixtures.certificate_pem.leaf]
  }
  expect_failures = [var.trust_anchors_pem]
}

# Key and chain are right, but a different root is uploaded to the control plane.
run "refuses_a_chain_that_leads_to_no_upload" {
  variables {
    issuer = {
      certificate_pem = run.fixtures.certificate_pem.issuing
      chain_pem       = run.fixtures.chain_pem.issuing
      private_key_pem = run.fixtures.private_key_pem.issuing
    }
    trust_anchors_pem = [run.fixtures.certificate_pem.stranger]
  }
  expect_failures = [data.mtls_chain_validation.this]
}

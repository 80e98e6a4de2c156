variables {
  data_planes = ["edge-1"]
  edition     = 1
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

run "refuses_half_an_edition" {
  command = plan
  variables {
    edition = 1.5
    issuer = {
      certificate_pem = run.fixtures.certificate_pem.issuing
      chain_pem       = run.fixtures.chain_pem.issuing
      private_key_pem = run.fixtures.private_key_pem.issuing
    }
    trust_anchors_pem = [run.fixtures.certificate_pem.root]
  }
  expect_failures = [var.edition]
}

run "refuses_a_chain_that_leads_to_no_upload" {
  command = plan
  variables {
    issuer = {
      certificate_pem = run.fixtures.certificate_pem.issuing
      chain_pem       = run.fixtures.chain_pem.issuing
      private_key_pem = run.fixtures.private_key_pem.issuing
    }
    trust_anchors_pem = [run.fixtures.certificate_pem.stranger]
  }
  expect_failures = [ephemeral.mtls_dataplane_certificate.edge]
}

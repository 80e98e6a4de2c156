variables {
  data_planes = ["edge-1", "edge-2"]
  answers     = "./tests/mail"
}

run "fixtures" {
  module { source = "../fixtures" }
}

run "step_1_makes_requests" {
  variables { trust_anchors_pem = [run.fixtures.certificate_pem.root] }
  assert {
    condition     = length(output.requests_pem) == 2 && length(output.chains_pem) == 0
    error_message = "there are not two requests, or something is answered already"
  }
}

run "the_office_signs_one" {
  module { source = "./tests/office" }
  variables {
    request_pem = run.step_1_makes_requests.requests_pem["edge-1"]
    file        = "./tests/mail/edge-1.pem"
    issuer = {
      certificate_pem = run.fixtures.certificate_pem.issuing
      chain_pem       = run.fixtures.chain_pem.issuing
      private_key_pem = run.fixtures.private_key_pem.issuing
    }
  }
}

run "step_2_takes_it" {
  variables { trust_anchors_pem = [run.fixtures.certificate_pem.root] }
  assert {
    condition     = join(",", keys(output.chains_pem)) == "edge-1"
    error_message = "answered are ${jsonencode(keys(output.chains_pem))}"
  }
  assert {
    condition     = provider::mtls::key_matches(output.chains_pem["edge-1"], output.private_keys_pem["edge-1"])
    error_message = "the key does not belong to what came back"
  }
  assert {
    condition     = output.requests_pem == run.step_1_makes_requests.requests_pem
    error_message = "there are other requests than before"
  }
}

variables {
  data_planes = ["edge-1", "edge-2"]
  role        = "data-planes"
}

run "ca" {
  module { source = "./tests/ca" }
}

run "signs_for_each" {
  variables { trust_anchors_pem = [run.ca.certificate_pem] }
  assert {
    condition     = alltrue([for name, chain in output.chains_pem : provider::mtls::key_matches(chain, output.private_keys_pem[name])])
    error_message = "a key does not belong to its certificate"
  }
  assert {
    condition     = provider::mtls::validate_chain([run.ca.certificate_pem], output.chains_pem["edge-2"], { at = plantimestamp() }).trusted
    error_message = "Konnect would refuse edge-2"
  }
}

run "changes_nothing_without_need" {
  variables { trust_anchors_pem = [run.ca.certificate_pem] }
  assert {
    condition     = output.chains_pem == run.signs_for_each.chains_pem
    error_message = "a certificate was signed again"
  }
}

run "another_data_plane_leaves_the_others_alone" {
  variables {
    data_planes       = ["edge-1", "edge-2", "edge-3"]
    trust_anchors_pem = [run.ca.certificate_pem]
  }
  assert {
    condition     = output.chains_pem["edge-1"] == run.signs_for_each.chains_pem["edge-1"] && length(output.chains_pem) == 3
    error_message = "edge-1 has another certificate"
  }
}

run "new_keys_are_new_certificates" {
  variables {
    keys              = "2"
    trust_anchors_pem = [run.ca.certificate_pem]
  }
  assert {
    condition     = output.chains_pem["edge-1"] != run.signs_for_each.chains_pem["edge-1"]
    error_message = "edge-1 still has the old certificate"
  }
  assert {
    condition     = alltrue([for name, chain in output.chains_pem : provider::mtls::key_matches(chain, output.private_keys_pem[name])])
    error_message = "a key does not belong to its certificate"
  }
}

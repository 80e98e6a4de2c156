variables {
  control_plane_id = "9524ec7d-36d9-465d-a8c5-83a3c9390458"
  domain           = "dp.acme.internal"
  data_planes      = ["edge-1", "edge-2"]
}

run "fixtures" {
  module { source = "../fixtures" }
}

run "uploads_the_root_and_nothing_else" {
  assert {
    condition     = { for generation, upload in konnect_gateway_data_plane_client_certificate.root : generation => upload.cert } == { "1" = mtls_control_plane_ca.root.certificate_pem }
    error_message = "the uploads are not what the root wants trusted"
  }
  assert {
    condition     = join(" ", keys(output.uploads)) == "1"
    error_message = "one generation is uploaded: ${jsonencode(output.uploads)}"
  }
}

run "gives_each_data_plane_its_chain_and_key" {
  assert {
    condition     = alltrue([for chain in values(output.cluster_cert) : provider::mtls::validate_chain([mtls_control_plane_ca.root.certificate_pem], chain, { at = plantimestamp() }).trusted])
    error_message = "Konnect would not accept the outputs"
  }
  assert {
    condition     = alltrue([for chain in values(output.cluster_cert) : length(provider::mtls::parse_certificates(chain)) == 2])
    error_message = "a chain is the leaf and its intermediate, without the root"
  }
  assert {
    condition     = join(" ", keys(output.cluster_cert_key)) == "edge-1 edge-2"
    error_message = "there is not one key for each data plane"
  }
}

run "keeps_the_old_upload_when_it_rotates" {
  variables { rotation = { since = "today" } }
  assert {
    condition     = join(" ", keys(output.uploads)) == "1 2" && output.uploads["1"] == run.uploads_the_root_and_nothing_else.uploads["1"]
    error_message = "generation 1 stays uploaded beside generation 2: ${jsonencode(output.uploads)}"
  }
  assert {
    condition     = alltrue([for chain in values(output.cluster_cert) : provider::mtls::validate_chain([mtls_control_plane_ca.root.trusted_certificates_pem["2"]], chain, { at = plantimestamp() }).trusted])
    error_message = "the leaves did not follow the root"
  }
}

run "keeps_data_planes_of_others_trusted" {
  variables {
    already_uploaded_pem = { "old intermediate" = run.fixtures.certificate_pem.issuing }
    running_chains_pem   = { old-1 = run.fixtures.certificate_pem.leaf }
  }
  assert {
    condition     = konnect_gateway_data_plane_client_certificate.already["old intermediate"].cert == run.fixtures.certificate_pem.issuing
    error_message = "what was uploaded already is not kept"
  }
}

run "uploads_the_root_to_an_event_gateway_too" {
  variables { event_gateway_id = "6f1b2f4e-6d6a-4a55-9d9c-0a3d5f7b9c11" }
  assert {
    condition     = jsonencode({ for generation, upload in konnect_event_gateway_data_plane_certificate.root : generation => upload.certificate }) == jsonencode(mtls_control_plane_ca.root.trusted_certificates_pem)
    error_message = "the Event Gateway does not trust what the root wants trusted"
  }
}

run "warns_if_there_is_no_room_for_the_next_root" {
  command = plan
  variables { upload_limit = length(run.uploads_the_root_to_an_event_gateway_too.uploads) }
  expect_failures = [check.room_for_a_rotation]
}

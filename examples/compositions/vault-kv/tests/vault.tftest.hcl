variables {
  data_planes = ["edge-1", "edge-2"]
  mount       = "secret"
  edition     = 1
}

run "fixtures" {
  module { source = "../fixtures" }
}

run "writes_a_secret_for_each" {
  variables {
    issuer = {
      certificate_pem = run.fixtures.certificate_pem.issuing
      chain_pem       = run.fixtures.chain_pem.issuing
      private_key_pem = run.fixtures.private_key_pem.issuing
    }
    trust_anchors_pem = [run.fixtures.certificate_pem.root]
  }
  assert {
    condition     = output.paths == { edge-1 = "secret/data/kong/data-planes/edge-1", edge-2 = "secret/data/kong/data-planes/edge-2" }
    error_message = "the secrets are elsewhere: ${jsonencode(output.paths)}"
  }
  assert {
    condition     = vault_kv_secret_v2.edge["edge-1"].data_json == null && vault_kv_secret_v2.edge["edge-1"].data_json_wo == null
    error_message = "the secret is in state"
  }
}

run "what_edge_1_reads" {
  module { source = "./tests/reader" }
  variables { name = "kong/data-planes/edge-1" }
  assert {
    condition     = provider::mtls::validate_chain([run.fixtures.certificate_pem.root], output.cluster_cert, { at = plantimestamp() }).trusted
    error_message = "Konnect would not accept what the secret says"
  }
  assert {
    condition     = startswith(output.cluster_cert_key, "-----BEGIN PRIVATE KEY-----")
    error_message = "there is no key"
  }
}

# Each run opens different ephemeral certificates, and does not write any of them.
run "leaves_the_secret_alone_while_the_edition_stays" {
  variables {
    issuer = {
      certificate_pem = run.fixtures.certificate_pem.issuing
      chain_pem       = run.fixtures.chain_pem.issuing
      private_key_pem = run.fixtures.private_key_pem.issuing
    }
    trust_anchors_pem = [run.fixtures.certificate_pem.root]
  }
}

run "what_edge_1_reads_then" {
  module { source = "./tests/reader" }
  variables { name = "kong/data-planes/edge-1" }
  assert {
    condition     = output.cluster_cert == run.what_edge_1_reads.cluster_cert
    error_message = "another certificate was written"
  }
}

run "writes_anew_for_another_edition" {
  variables {
    edition = 2
    issuer = {
      certificate_pem = run.fixtures.certificate_pem.issuing
      chain_pem       = run.fixtures.chain_pem.issuing
      private_key_pem = run.fixtures.private_key_pem.issuing
    }
    trust_anchors_pem = [run.fixtures.certificate_pem.root]
  }
}

run "what_edge_1_reads_at_last" {
  module { source = "./tests/reader" }
  variables { name = "kong/data-planes/edge-1" }
  assert {
    condition     = output.cluster_cert != run.what_edge_1_reads.cluster_cert
    error_message = "the old certificate is still there"
  }
}

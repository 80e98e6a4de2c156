variables {
  control_plane = "control-plane.kong.svc:8005"
  domain        = "dp.acme.internal"
  data_planes   = ["edge-1"]
}

run "fixtures" {
  module { source = "../fixtures" }
}

run "gives_each_side_its_files" {
  assert {
    condition     = alltrue([for name in [output.control_plane_settings.KONG_CLUSTER_CA_CERT, output.control_plane_settings.KONG_CLUSTER_CERT_KEY] : contains(keys(output.control_plane_files), name)])
    error_message = "a setting of the control plane names a file that is not an output"
  }
  assert {
    condition     = contains(keys(output.data_plane_files["edge-1"]), output.data_plane_settings.KONG_LUA_SSL_TRUSTED_CERTIFICATE)
    error_message = "a setting of the data planes names a file that is not an output"
  }
}

run "names_the_control_plane_as_data_planes_ask_for_it" {
  assert {
    condition     = provider::mtls::parse_certificates(nonsensitive(output.control_plane_files["/etc/kong/cluster/tls.crt"]))[0].dns_names == tolist([output.data_plane_settings.KONG_CLUSTER_SERVER_NAME])
    error_message = "data planes verify a name that the control plane does not have"
  }
}

run "trusts_the_next_root_first" {
  variables { rotation = { since = "today" } }
  assert {
    condition     = length(provider::mtls::parse_certificates(nonsensitive(output.control_plane_files["/etc/kong/cluster/ca.crt"]))) == 2
    error_message = "one of the two roots is not trusted"
  }
  assert {
    condition     = nonsensitive(output.data_plane_files["edge-1"]["/etc/kong/cluster/ca.crt"]) == nonsensitive(output.control_plane_files["/etc/kong/cluster/ca.crt"])
    error_message = "the two sides trust different roots"
  }
  assert {
    condition     = nonsensitive(output.control_plane_files["/etc/kong/cluster/tls.crt"]) == nonsensitive(run.names_the_control_plane_as_data_planes_ask_for_it.control_plane_files["/etc/kong/cluster/tls.crt"])
    error_message = "the control plane presents a certificate that data planes do not know yet"
  }
  assert {
    condition     = output.rotation.root == 1 && output.rotation.next_root == 2 && output.rotation.next_at != null
    error_message = "it does not say what waits"
  }
}

run "switches_at_once_in_an_emergency" {
  variables {
    rotation   = { since = "the key was lost" }
    prepublish = "0s"
    overlap    = "0s"
  }
  assert {
    condition     = length(provider::mtls::parse_certificates(nonsensitive(output.control_plane_files["/etc/kong/cluster/ca.crt"]))) == 1
    error_message = "the root whose key was lost is still trusted"
  }
  assert {
    condition     = output.rotation.root == 3 && output.rotation.next_root == null
    error_message = "the root that waited, whose key was in the same state, is used"
  }
}

run "keeps_data_planes_of_others_trusted" {
  variables {
    additional_cas_pem = { old = run.fixtures.certificate_pem.root }
    running_chains_pem = { old-1 = run.fixtures.chain_pem.leaf }
  }
  assert {
    condition     = provider::mtls::validate_chain([nonsensitive(output.control_plane_files["/etc/kong/cluster/ca.crt"])], run.fixtures.chain_pem.leaf, { at = plantimestamp(), verifier = "kong_hybrid_pki" }).trusted
    error_message = "a running data plane is locked out"
  }
}

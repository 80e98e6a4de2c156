variables {
  control_plane = "control-plane.kong.svc:8005"
}

run "fixtures" {
  module { source = "../fixtures" }
}

run "gives_both_sides_the_same" {
  assert {
    condition     = provider::mtls::parse_certificates(nonsensitive(output.files["/etc/kong/cluster/cluster.crt"]))[0].dns_names == tolist(["kong_clustering"])
    error_message = "data planes verify the name kong_clustering"
  }
  assert {
    condition     = output.control_plane_settings.KONG_CLUSTER_CERT == output.data_plane_settings.KONG_LUA_SSL_TRUSTED_CERTIFICATE
    error_message = "data planes do not trust what the control plane presents"
  }
  assert {
    condition     = contains(keys(output.files), output.data_plane_settings.KONG_CLUSTER_CERT_KEY)
    error_message = "a setting names a file that is not an output"
  }
}

run "makes_another_one_when_asked" {
  variables { rotation = { since = "today" } }
  assert {
    condition     = output.fingerprint_sha256 != run.gives_both_sides_the_same.fingerprint_sha256
    error_message = "the certificate is still the same"
  }
  assert {
    condition     = length(mtls_pinned_certificate.shared.trusted_certificates_pem) == 1
    error_message = "Kong only checks one certificate, but more than one is listed as trusted"
  }
}

run "warns_before_the_end" {
  variables { warn_before = "90000h" }
  expect_failures = [check.certificate_lasts]
}

run "takes_one_that_is_shared_already" {
  variables {
    certificate_pem = run.fixtures.certificate_pem.shared
    private_key_pem = run.fixtures.private_key_pem.shared
  }
  assert {
    condition     = nonsensitive(output.files["/etc/kong/cluster/cluster.crt"]) == run.fixtures.certificate_pem.shared
    error_message = "the output is a different certificate"
  }
}

# As kong hybrid gen_cert makes it: the common name counts if there are no other names.
run "takes_one_without_alternative_names" {
  variables {
    certificate_pem = run.fixtures.certificate_pem.plain
    private_key_pem = run.fixtures.private_key_pem.plain
  }
  assert {
    condition     = nonsensitive(output.files["/etc/kong/cluster/cluster.crt"]) == run.fixtures.certificate_pem.plain
    error_message = "the output is a different certificate"
  }
}

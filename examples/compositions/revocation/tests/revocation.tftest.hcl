variables {
  server_name = "cp.acme.internal"
  domain      = "dp.acme.internal"
  data_planes = ["edge-1", "edge-2"]
}

run "revokes_nobody_at_first" {
  assert {
    condition     = length(output.revoked_serial_numbers) == 0 && length(output.pending_revocations) == 0
    error_message = "something is revoked"
  }
  assert {
    condition     = length(regexall("-----BEGIN X509 CRL-----", nonsensitive(output.nginx_files["/etc/nginx/mtls/crl.pem"]))) == 2
    error_message = "nginx wants a list of the root and one of the issuing CA"
  }
}

run "gives_a_data_plane_that_is_removed_its_grace" {
  variables { data_planes = ["edge-1"] }
  assert {
    condition     = length(output.pending_revocations) == 1 && length(output.revoked_serial_numbers) == 0
    error_message = "edge-2 is not about to be revoked"
  }
  assert { # OpenTofu takes run.NAME for a resource in an assertion
    condition     = length(setintersection(keys(output.pending_revocations), [output.serial_numbers["edge-1"], mtls_dataplane_certificate.server.serial_number])) == 0
    error_message = "what is in use is about to be revoked"
  }
}

run "revokes_it_then" {
  variables {
    data_planes = ["edge-1"]
    grace       = "0s" # as if the grace had passed
  }
}

run "and_it_stays_on_the_list" {
  variables {
    data_planes = ["edge-1"]
    grace       = "0s"
  }
  assert {
    condition     = length(output.revoked_serial_numbers) == 1
    error_message = "edge-2 is not revoked"
  }
  assert {
    condition     = length(setintersection(output.revoked_serial_numbers, [output.serial_numbers["edge-1"], mtls_dataplane_certificate.server.serial_number])) == 0
    error_message = "what is in use is revoked"
  }
}

run "keeps_a_list_of_each_generation_of_its_cas" {
  variables {
    data_planes = ["edge-1"]
    rotation    = { since = "today" }
  }
  assert {
    condition     = length(regexall("-----BEGIN X509 CRL-----", nonsensitive(output.nginx_files["/etc/nginx/mtls/crl.pem"]))) == 4
    error_message = "data planes that have not switched would be refused for want of a list"
  }
}

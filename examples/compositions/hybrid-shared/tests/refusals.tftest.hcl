variables {
  control_plane = "control-plane.kong.svc:8005"
}

run "fixtures" {
  module { source = "../fixtures" }
}

run "shares_a_certificate" {}

run "refuses_a_url_where_an_address_is_meant" {
  command = plan
  variables { control_plane = "https://control-plane.kong.svc:8005" }
  expect_failures = [var.control_plane]
}

run "refuses_a_certificate_for_another_name" {
  command = plan
  variables {
    certificate_pem = run.fixtures.certificate_pem.other_name
    private_key_pem = run.fixtures.private_key_pem.other_name
  }
  expect_failures = [var.certificate_pem]
}

run "refuses_a_certificate_of_a_ca" {
  command = plan
  variables {
    certificate_pem = run.fixtures.certificate_pem.issued
    private_key_pem = run.fixtures.private_key_pem.issued
  }
  expect_failures = [var.certificate_pem]
}

run "refuses_a_second_certificate" {
  command = plan
  variables {
    certificate_pem = "${run.fixtures.certificate_pem.shared}${run.fixtures.certificate_pem.plain}"
    private_key_pem = run.fixtures.private_key_pem.shared
  }
  expect_failures = [var.certificate_pem]
}

run "refuses_an_expired_certificate" {
  command = plan
  variables {
    certificate_pem = file("../fixtures/expired.pem")
    private_key_pem = run.fixtures.private_key_pem.shared
  }
  expect_failures = [var.certificate_pem]
}

run "refuses_a_certificate_without_its_key" {
  command = plan
  variables { certificate_pem = run.fixtures.certificate_pem.shared }
  expect_failures = [var.private_key_pem]
}

# A root, and below it the intermediate that signs the data planes' certificates.
resource "mtls_control_plane_ca" "root" {
  subject = { common_name = "Acme Gateway Root", organization = "Acme" }
}

resource "mtls_control_plane_ca" "issuing" {
  subject          = { common_name = "Acme Gateway Issuing", organization = "Acme" }
  issuer           = mtls_control_plane_ca.root # the whole object
  max_path_length  = 0                          # may sign certificates for data planes, but no further CA
  name_constraints = { permitted_dns_domains = ["dp.acme.internal"] }
}

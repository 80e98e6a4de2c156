resource "mtls_control_plane_ca" "issuing" {
  subject = { common_name = "Acme Gateway Issuing" }
}

resource "mtls_dataplane_certificate" "edge" {
  for_each = toset(["edge-1", "edge-2"])
  subject  = { common_name = each.key }
  issuer   = mtls_control_plane_ca.issuing
}

resource "mtls_dataplane_certificate_set" "fra" {
  issuer       = mtls_control_plane_ca.issuing
  certificates = { fra-1 = { common_name = "fra-1" } }
}

# What is in use now. What goes from here is revoked 72 hours later, and stays on the list until it has expired.
resource "mtls_revocation_list" "issuing" {
  issuer = mtls_control_plane_ca.issuing # the whole object
  active_certificates_pem = concat(
    [for c in mtls_dataplane_certificate.edge : c.certificate_pem],
    values(mtls_dataplane_certificate_set.fra.chains_pem),
  )
  grace = "72h"

  lifecycle {
    prevent_destroy = true # with the list goes the memory of what it has revoked
  }
}

# For ssl_crl of nginx, crl-file of HAProxy, SSLCARevocationFile of Apache: the list
# of now, and those of earlier generations of the CA.
output "crl" {
  value = join("", concat([mtls_revocation_list.issuing.crl_pem], values(mtls_revocation_list.issuing.earlier_crls_pem)))
}

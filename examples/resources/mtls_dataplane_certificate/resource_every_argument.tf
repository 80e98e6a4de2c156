# Every argument for a generated certificate.
resource "mtls_dataplane_certificate" "plant" {
  subject = {
    common_name          = "plant-7"
    organization         = "Acme"
    organizational_unit  = "Gateways"
    country              = "DE"
    province             = "Hessen"
    locality             = "Frankfurt"
    street_address       = "Mainzer Landstrasse 1"
    postal_code          = "60329"
    serial_number        = "plant-7"
    organizational_units = ["EMEA", "Plants"]   # further ones
    domain_components    = ["acme", "internal"] # DC=acme,DC=internal
    user_id              = "plant-7"
    email_address        = "gateways@acme.example"
  }
  dns_names       = ["plant-7.dp.acme.internal"]
  ip_addresses    = ["10.7.0.1", "2001:db8:7::1"]
  uris            = ["spiffe://acme.example/gateway/plant-7"]
  email_addresses = ["gateways@acme.example"]

  # An issuer that is not a resource here, attribute by attribute.
  issuer = {
    certificate_pem = file("regional-ca.pem")
    chain_pem       = file("regional-ca-chain.pem")
    root_pem        = file("corporate-ca.pem") # its limits bind, too
    private_key_pem = file("regional-ca-key.pem")
    generation      = 1  # both as the outputs of an mtls_control_plane_ca:
    limits          = [] # read while certificate_pem is unknown at plan
  }

  key_algorithm       = "ECDSA-P384"
  validity            = "2160h" # 90 days
  extended_key_usages = ["client_auth", "server_auth"]

  # Where peers look up whether the certificate is revoked.
  crl_distribution_points = ["http://pki.acme.internal/regional.crl"]
  ocsp_servers            = ["http://ocsp.acme.internal"]

  renew_before      = "720h"                # renew 30 days before it expires
  reuse_key         = false                 # generate a new key for each generation
  rotation_triggers = { reviewed = "2026" } # any change rotates now
}

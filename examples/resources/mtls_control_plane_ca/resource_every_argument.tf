# Every argument for a generated CA.
resource "mtls_control_plane_ca" "plant" {
  subject = {
    common_name          = "Acme Plant 7 Issuing"
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

  # An issuer that is not a resource here, attribute by attribute.
  issuer = {
    certificate_pem = file("regional-ca.pem")
    chain_pem       = file("regional-ca-chain.pem")
    root_pem        = file("corporate-ca.pem") # its limits bind, too
    private_key_pem = file("regional-ca-key.pem")
    generation      = 1  # both as the outputs of an mtls_control_plane_ca:
    limits          = [] # read while certificate_pem is unknown at plan
  }

  key_algorithm   = "ECDSA-P384"
  validity        = "43800h" # five years
  max_path_length = 0

  name_constraints = {
    permitted_dns_domains     = ["plant-7.acme.internal"]
    excluded_dns_domains      = ["lab.plant-7.acme.internal"]
    permitted_ip_ranges       = ["10.7.0.0/16", "2001:db8:7::/48"]
    excluded_ip_ranges        = ["10.7.255.0/24"]
    permitted_email_addresses = ["plant-7.acme.example"]
    excluded_email_addresses  = ["root@plant-7.acme.example"]
    permitted_uri_domains     = ["plant-7.acme.internal"]
    excluded_uri_domains      = ["lab.plant-7.acme.internal"]
  }

  crl_distribution_points = ["http://pki.acme.example/regional.crl"]
  ocsp_servers            = ["http://ocsp.acme.example"]

  renew_before      = "8760h"               # renew a year before it expires
  overlap           = "2160h"               # the old CA stays trusted for 90 days
  prepublish        = "720h"                # the new CA is trusted for 30 days before it signs anything
  reuse_key         = false                 # generate a new key for each generation
  rotation_triggers = { reviewed = "2026" } # any change rotates now
}

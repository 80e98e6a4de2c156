# Every argument of a request for a data plane's certificate.
resource "mtls_certificate_request" "plant" {
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
  dns_names           = ["plant-7.dp.acme.internal"]
  ip_addresses        = ["10.7.0.1", "2001:db8:7::1"]
  uris                = ["spiffe://acme.example/gateway/plant-7"]
  email_addresses     = ["gateways@acme.example"]
  extended_key_usages = ["client_auth", "server_auth"]

  key_algorithm     = "ECDSA-P384"
  reuse_key         = false                 # generate a new key for each request
  renew_before      = "720h"                # a new request 30 days before certificate_pem expires
  rotation_triggers = { reviewed = "2026" } # any change makes a new request now
}

# A subordinate CA below a CA of somebody else, with a key of your own.
resource "mtls_certificate_request" "issuing" {
  subject                    = { common_name = "Acme Gateway Issuing" }
  ca                         = true
  max_path_length            = 0
  private_key_pem_wo         = file("offline-ca-key.pem")
  private_key_pem_wo_version = 1 # change it whenever the key changes
  name_constraints = {
    permitted_dns_domains     = ["acme.internal"]
    excluded_dns_domains      = ["lab.acme.internal"]
    permitted_ip_ranges       = ["10.7.0.0/16", "2001:db8:7::/48"]
    excluded_ip_ranges        = ["10.7.255.0/24"]
    permitted_email_addresses = ["acme.example"]
    excluded_email_addresses  = ["root@acme.example"]
    permitted_uri_domains     = ["acme.internal"]
    excluded_uri_domains      = ["lab.acme.internal"]
  }
}

# The same with a key in an HSM.
resource "mtls_certificate_request" "hsm" {
  subject        = { common_name = "Acme HSM Issuing" }
  ca             = true
  public_key_pem = file("hsm-root-public.pem")
  signer_command = ["${path.module}/sign-with-hsm"]
}

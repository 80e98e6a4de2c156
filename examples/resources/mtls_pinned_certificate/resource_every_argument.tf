# Every argument for a generated certificate.
resource "mtls_pinned_certificate" "shared" {
  subject = {
    common_name          = "kong_clustering"
    organization         = "Acme"
    organizational_unit  = "Gateways"
    country              = "DE"
    province             = "Hessen"
    locality             = "Frankfurt"
    street_address       = "Mainzer Landstrasse 1"
    postal_code          = "60329"
    serial_number        = "cluster-1"
    organizational_units = ["EMEA", "Plants"]   # further ones
    domain_components    = ["acme", "internal"] # DC=acme,DC=internal
    user_id              = "cluster-1"
    email_address        = "gateways@acme.example"
  }
  dns_names       = ["kong_clustering"] # the name that self-hosted data planes look for
  ip_addresses    = ["10.7.0.1", "2001:db8:7::1"]
  uris            = ["spiffe://acme.example/gateway/shared"]
  email_addresses = ["gateways@acme.example"]

  key_algorithm = "ECDSA-P384"
  validity      = "26280h" # three years

  renew_before      = "720h"                # renew 30 days before it expires
  overlap           = "168h"                # the old certificate stays trusted for a week
  prepublish        = "0s"                  # present the next one at once: a control plane with cluster_mtls = shared only trusts its own
  reuse_key         = false                 # generate a new key for each generation
  rotation_triggers = { reviewed = "2026" } # any change rotates now
}

# Every argument.
resource "mtls_dataplane_certificate_set" "plant" {
  # An issuer that is not a resource here, attribute by attribute.
  issuer = {
    certificate_pem = file("regional-ca.pem")
    chain_pem       = file("regional-ca-chain.pem")
    root_pem        = file("corporate-ca.pem") # its limits bind, too
    private_key_pem = file("regional-ca-key.pem")
    generation      = 1  # both as the outputs of an mtls_control_plane_ca:
    limits          = [] # read while certificate_pem is unknown at plan
  }

  # For all nodes, unless a node says otherwise.
  subject = {
    organization         = "Acme"
    organizational_unit  = "Gateways"
    organizational_units = ["EMEA", "Plants"]
    domain_components    = ["acme", "internal"] # DC=acme,DC=internal
    country              = "DE"
    province             = "Hessen"
    locality             = "Frankfurt"
    street_address       = "Mainzer Landstrasse 1"
    postal_code          = "60329"
  }

  certificates = {
    line-1 = {
      subject = {
        serial_number = "line-1"
        user_id       = "line-1"
        email_address = "line-1@acme.example"
      }
      common_name     = "line-1"
      organization    = "Acme"
      dns_names       = ["line-1.dp.acme.internal"]
      ip_addresses    = ["10.7.0.1", "2001:db8:7::1"]
      uris            = ["spiffe://acme.example/gateway/line-1"]
      email_addresses = ["gateways@acme.example"]

      crl_distribution_points = ["http://pki.acme.internal/line-1.crl"] # instead of the set's
      ocsp_servers            = []                                      # none, although the set has one
    }
    line-2 = { csr_pem = file("node.csr") } # its key never leaves the node
  }

  key_algorithm       = "ECDSA-P384"
  validity            = "2160h"
  extended_key_usages = ["client_auth", "server_auth"]

  # Where peers look up whether a certificate is revoked.
  crl_distribution_points = ["http://pki.acme.internal/regional.crl"]
  ocsp_servers            = ["http://ocsp.acme.internal"]

  renew_before      = "720h"                # each node at its own time, up to half of that earlier
  reuse_key         = false                 # generate a new key for each certificate
  rotation_triggers = { reviewed = "2026" } # any change re-issues every node now
}

# Every argument, and the remaining outputs.
ephemeral "mtls_dataplane_certificate" "plant" {
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

  # An issuer that is not a resource here. Its key may be an ephemeral value from a secret store.
  issuer = {
    certificate_pem = file("regional-ca.pem")
    chain_pem       = file("regional-ca-chain.pem")
    root_pem        = file("corporate-ca.pem") # its limits bind, too
    private_key_pem = file("regional-ca-key.pem")
  }

  key_algorithm       = "ECDSA-P384"
  validity            = "1h" # default: a day
  extended_key_usages = ["client_auth", "server_auth"]

  crl_distribution_points = ["http://pki.acme.internal/regional.crl"]
  ocsp_servers            = ["http://ocsp.acme.internal"]
}

resource "kubernetes_secret_v1" "plant" {
  metadata { name = "plant-7" }
  data_wo = {
    "leaf.crt"    = ephemeral.mtls_dataplane_certificate.plant.certificate_pem
    "serial"      = ephemeral.mtls_dataplane_certificate.plant.serial_number
    "fingerprint" = ephemeral.mtls_dataplane_certificate.plant.fingerprint_sha256
    "from"        = ephemeral.mtls_dataplane_certificate.plant.not_before
    "until"       = ephemeral.mtls_dataplane_certificate.plant.not_after
  }
  data_wo_revision = 1
}

# The issuer's private key is in an HSM: a program signs with it, in each plan and apply.
ephemeral "mtls_dataplane_certificate" "signed_by_hsm" {
  subject = { common_name = "job" }
  issuer = {
    certificate_pem = file("regional-ca.pem")
    signer_command  = ["${path.module}/sign-with-hsm"]
  }
}

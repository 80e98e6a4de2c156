# Every argument.
resource "mtls_revocation_list" "regional" {
  # An issuer that is not a resource here, attribute by attribute.
  issuer = {
    certificate_pem = file("regional-ca.pem")
    chain_pem       = file("regional-ca-chain.pem")
    root_pem        = file("corporate-ca.pem") # its limits bind, too
    private_key_pem = file("regional-ca-key.pem")
    limits          = [] # read while certificate_pem is unknown at plan
    generation      = 1  # increase it when the CA gets another key
  }
  # Or, instead of private_key_pem: signer_command = ["sign-with-hsm", "regional"]

  active_certificates_pem = [file("plant-chain.pem")]
  grace                   = "24h"

  # At once, and for good.
  revoked = [
    { serial_number = "0A:1B:2C", reason = "key_compromise", revoked_at = "2026-01-31T12:00:00Z" },
    { certificate_pem = file("plant.pem"), reason = "certificate_hold" }, # until it is removed here
  ]

  validity          = "168h"                # how long the pipeline may stand still
  renew_before      = "72h"                 # the first plan after four days signs it again
  rotation_triggers = { reviewed = "2026" } # any change signs a new list now

  # Only for certificates that have this URL in crl_distribution_points.
  issuing_distribution_points = ["http://pki.acme.internal/regional.crl"]
}

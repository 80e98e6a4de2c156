# The path of the list, as PEM or DER.
import {
  to = mtls_revocation_list.corporate
  id = "corporate-ca.crl.pem"
}

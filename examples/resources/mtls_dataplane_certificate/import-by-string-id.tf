# The path of the certificate file (which may also contain the certificate's issuers), a comma, and the path of its private key file.
import {
  to = mtls_dataplane_certificate.store
  id = "store-chain.pem,store-key.pem"
}

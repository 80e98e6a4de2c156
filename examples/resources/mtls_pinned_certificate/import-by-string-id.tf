# The path of the certificate's file; after a comma, that of its private key.
import {
  to = mtls_pinned_certificate.store
  id = "store.pem,store-key.pem"
}

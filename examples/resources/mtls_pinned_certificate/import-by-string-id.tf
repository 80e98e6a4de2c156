# The path of the certificate file, a comma, and the path of its private key file.
import {
  to = mtls_pinned_certificate.store
  id = "store.pem,store-key.pem"
}

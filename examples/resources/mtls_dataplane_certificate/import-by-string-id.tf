# The path of the file of the certificate and what stands above it; after a comma, that of its private key.
import {
  to = mtls_dataplane_certificate.store
  id = "store-chain.pem,store-key.pem"
}

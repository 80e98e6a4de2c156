# The path of the certificate's file; after a comma, that of its private key.
import {
  to = mtls_control_plane_ca.regional
  id = "regional-ca-chain.pem,regional-ca-key.pem"
}

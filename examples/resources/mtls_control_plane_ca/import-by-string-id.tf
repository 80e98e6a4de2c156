# The path of the certificate file, a comma, and the path of its private key file.
import {
  to = mtls_control_plane_ca.regional
  id = "regional-ca-chain.pem,regional-ca-key.pem"
}

# The path of the certificate file. It may also contain the certificate's issuers.
terraform import mtls_control_plane_ca.corporate corporate-ca.pem

# With its private key: add a comma and the path of the key file.
terraform import mtls_control_plane_ca.regional regional-ca-chain.pem,regional-ca-key.pem

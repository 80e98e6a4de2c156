# By the certificate's file. It may hold the chain above the certificate too.
terraform import mtls_control_plane_ca.corporate corporate-ca.pem

# After a comma, the file of its private key.
terraform import mtls_control_plane_ca.regional regional-ca-chain.pem,regional-ca-key.pem

# The path of the certificate file, which may also contain the certificate's issuers. For its private key, add a comma and the path of the key file.
terraform import mtls_dataplane_certificate.store store-chain.pem,store-key.pem

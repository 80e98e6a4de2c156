# By the file of the certificate and what stands above it and, after a comma, that of its private key if there is one.
terraform import mtls_dataplane_certificate.store store-chain.pem,store-key.pem

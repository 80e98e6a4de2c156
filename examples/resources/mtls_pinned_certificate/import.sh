# The path of the certificate file. For its private key, add a comma and the path of the key file.
terraform import mtls_pinned_certificate.store store.pem,store-key.pem

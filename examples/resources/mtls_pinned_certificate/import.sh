# By the certificate's file and, after a comma, that of its private key if there is one.
terraform import mtls_pinned_certificate.store store.pem,store-key.pem

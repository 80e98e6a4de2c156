# The path of the list, as PEM or DER.
terraform import mtls_revocation_list.corporate corporate-ca.crl.pem

#!/bin/sh
# Signs with a private key in a file, by OpenSSL 3: to try things out, or for a CA
# whose key is on a disk that is only mounted to sign.
#
#   signer_command = ["${path.module}/openssl.sh", "/media/ca/key.pem"]
set -eu
case $MTLS_SIGNER_SCHEME in
  ECDSA_*) set -- -inkey "$1" ;;
  RSA_PKCS1_*) set -- -inkey "$1" -pkeyopt "digest:$MTLS_SIGNER_HASH" ;;
  ED25519) # OpenSSL wants to know the length of the message first
    message=$(mktemp)
    trap 'rm -f "$message"' EXIT
    cat > "$message"
    set -- -inkey "$1" -rawin -in "$message" ;;
esac
openssl pkeyutl -sign "$@"

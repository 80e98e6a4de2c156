#!/bin/sh
# Signs with a key of Google Cloud KMS, by its REST interface: "gcloud kms
# asymmetric-sign" takes messages only, and no digests. The argument is the full name
# of the key's version. The public key:
#
#   gcloud kms keys versions get-public-key 1 --key root --keyring gateway --location europe-west3
#
#   signer_command = ["${path.module}/google-kms.sh", "projects/acme/locations/europe-west3/keyRings/gateway/cryptoKeys/root/cryptoKeyVersions/1"]
set -eu
input=$(openssl base64 -A)
case $MTLS_SIGNER_HASH in
  SHA256) body="{\"digest\":{\"sha256\":\"$input\"}}" ;;
  SHA384) body="{\"digest\":{\"sha384\":\"$input\"}}" ;;
  SHA512) body="{\"digest\":{\"sha512\":\"$input\"}}" ;;
  '') body="{\"data\":\"$input\"}" ;; # Ed25519
esac
# The token goes by standard input, since others see the arguments of programs.
printf 'header = "Authorization: Bearer %s"\n' "$(gcloud auth print-access-token)" |
  curl --config - --silent --show-error --fail-with-body --header "Content-Type: application/json" \
    --data "$body" "https://cloudkms.googleapis.com/v1/$1:asymmetricSign" |
  sed -n 's/.*"signature": *"\([^"]*\)".*/\1/p'

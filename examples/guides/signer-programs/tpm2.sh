#!/bin/sh
# Signs with a key that is persistent in a TPM 2.0, by tpm2-tools. The argument is the
# key's handle. The public key:
#
#   tpm2_readpublic --object-context 0x81010001 --format pem --output public.pem
#
#   signer_command = ["${path.module}/tpm2.sh", "0x81010001"]
set -eu
case $MTLS_SIGNER_SCHEME in
  ECDSA_*) scheme=ecdsa ;;
  RSA_PKCS1_*) scheme=rsassa ;;
  *) echo "a TPM has no key for $MTLS_SIGNER_SCHEME" >&2; exit 2 ;;
esac
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/digest"
tpm2_sign --key-context "$1" --hash-algorithm "$(echo "$MTLS_SIGNER_HASH" | tr '[:upper:]' '[:lower:]')" --scheme "$scheme" \
  --digest --format plain --signature "$folder/signature" "$folder/digest" >&2
cat "$folder/signature"

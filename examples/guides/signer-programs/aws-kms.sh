#!/bin/sh
# Signs with a key of AWS KMS, by the AWS CLI. The argument is the key's ID, ARN or
# alias. The caller needs kms:Sign. The public key:
#
#   aws kms get-public-key --key-id alias/gateway-root --query PublicKey --output text |
#     openssl base64 -d -A | openssl pkey -pubin -inform der
#
#   signer_command = ["${path.module}/aws-kms.sh", "alias/gateway-root"]
set -eu
case $MTLS_SIGNER_SCHEME in
  ECDSA_SHA256) algorithm=ECDSA_SHA_256 ;;
  ECDSA_SHA384) algorithm=ECDSA_SHA_384 ;;
  ECDSA_SHA512) algorithm=ECDSA_SHA_512 ;;
  RSA_PKCS1_SHA256) algorithm=RSASSA_PKCS1_V1_5_SHA_256 ;;
  *) echo "no algorithm of AWS KMS for $MTLS_SIGNER_SCHEME is written here" >&2; exit 2 ;;
esac
digest=$(mktemp)
trap 'rm -f "$digest"' EXIT
cat > "$digest"
aws kms sign --key-id "$1" --message "fileb://$digest" --message-type DIGEST \
  --signing-algorithm "$algorithm" --query Signature --output text

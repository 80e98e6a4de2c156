#!/bin/sh
# Signs with a key of Vault's or OpenBao's transit engine, by the Vault CLI. The
# arguments are the engine's path and the key's name. The token needs "update" on
# PATH/sign/NAME. The public key:
#
#   vault read -field=keys -format=json transit/keys/gateway-root | jq -r '.[].public_key'
#
#   signer_command = ["${path.module}/vault-transit.sh", "transit", "gateway-root"]
set -eu
case $MTLS_SIGNER_HASH in
  SHA256) path=/sha2-256 prehashed=true ;;
  SHA384) path=/sha2-384 prehashed=true ;;
  SHA512) path=/sha2-512 prehashed=true ;;
  '') path='' prehashed=false ;; # Ed25519
esac
openssl base64 -A |
  vault write -field=signature "$1/sign/$2$path" input=- prehashed="$prehashed" signature_algorithm=pkcs1v15 marshaling_algorithm=asn1 |
  cut -d : -f 3 # vault:v1:base64

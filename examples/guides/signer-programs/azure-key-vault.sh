#!/bin/sh
# Signs with a key of Azure Key Vault or Managed HSM, by the Azure CLI. The argument is
# the key's identifier, a URL. The caller needs the right to sign. The public key:
#
#   az keyvault key download --id https://acme.vault.azure.net/keys/gateway-root --encoding PEM --file public.pem
#
#   signer_command = ["${path.module}/azure-key-vault.sh", "https://acme.vault.azure.net/keys/gateway-root"]
set -eu
case $MTLS_SIGNER_SCHEME in
  ECDSA_SHA256) algorithm=ES256 ;;
  ECDSA_SHA384) algorithm=ES384 ;;
  ECDSA_SHA512) algorithm=ES512 ;;
  RSA_PKCS1_SHA256) algorithm=RS256 ;;
  *) echo "Azure Key Vault has no algorithm for $MTLS_SIGNER_SCHEME" >&2; exit 2 ;;
esac
az keyvault key sign --id "$1" --algorithm "$algorithm" --digest "$(openssl base64 -A)" --query signature --output tsv

#!/bin/sh
# Signs with a key in a PKCS#11 token, by pkcs11-tool of OpenSC: an HSM, a smart card,
# a YubiKey, SoftHSM. The arguments are the vendor's module, the label of the token,
# and the ID of the key in hex. The PIN is in the environment variable PKCS11_PIN.
# SoftHSM 2.6 does not find its token now and then while several programs log in: set
# signer_concurrency = 1 of the provider for it.
# With Ed25519, pkcs11-tool 0.23 signs up to 1024 bytes: a certificate, and only a
# short revocation list.
#
#   signer_command = ["${path.module}/pkcs11.sh", "/usr/lib/softhsm/libsofthsm2.so", "acme", "01"]
set -eu
prefix='' # of RSA: the DigestInfo in front of the digest (RFC 8017, section 9.2)
case $MTLS_SIGNER_SCHEME in
  ECDSA_*) mechanism=ECDSA ;;
  ED25519) mechanism=EDDSA ;;
  RSA_PKCS1_SHA256) mechanism=RSA-PKCS prefix='\060\061\060\015\006\011\140\206\110\001\145\003\004\002\001\005\000\004\040' ;;
  RSA_PKCS1_SHA384) mechanism=RSA-PKCS prefix='\060\101\060\015\006\011\140\206\110\001\145\003\004\002\002\005\000\004\060' ;;
  RSA_PKCS1_SHA512) mechanism=RSA-PKCS prefix='\060\121\060\015\006\011\140\206\110\001\145\003\004\002\003\005\000\004\100' ;;
esac
input=$(mktemp) # of a pipe, pkcs11-tool may read only the first part
trap 'rm -f "$input"' EXIT
{ printf "$prefix"; cat; } > "$input"
pkcs11-tool --module "$1" --token-label "$2" --login --pin env:PKCS11_PIN --sign --id "$3" --mechanism "$mechanism" --input-file "$input"

// Package signer signs with keys that are held elsewhere: in a hardware security
// module, a cloud's key service, a smart card. It knows none of them. It runs a
// program that signs, as git's gpg.program and the credential_process of the AWS
// tools are run, so that what is built for such a key can be used as it is.
//
// # Protocol, version 1
//
// The program is run once for each signature, without a shell, in the folder and
// with the environment of this process. In addition it has
//
//	MTLS_SIGNER_VERSION        1
//	MTLS_SIGNER_SCHEME         ECDSA_SHA256, ECDSA_SHA384, ECDSA_SHA512,
//	                           RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512
//	                           or ED25519
//	MTLS_SIGNER_HASH           SHA256, SHA384 or SHA512; empty for ED25519
//	MTLS_SIGNER_KEY_ALGORITHM  the public key's, such as ECDSA-P256 or RSA-3072
//	MTLS_SIGNER_SPKI_SHA256    SHA-256 of the public key (SubjectPublicKeyInfo), in hex
//
// It reads the digest from standard input, with ED25519 the message itself
// (RFC 8032 signs no digest), and writes the signature to standard output, as bytes
// or as base64: for ECDSA in DER (RFC 3279, section 2.2.3) or as r and s one after
// the other (IEEE P1363), for RSA as PKCS #1 v1.5 defines it (RFC 8017, section 8.2),
// for ED25519 its 64 bytes. It ends with status 0. On any other status, what it
// wrote to standard error is reported.
//
// A signature is verified before it is used for anything. A later version only
// adds variables.
package signer

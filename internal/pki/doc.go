// Package pki holds the words of the field: certificates, private keys,
// certificate requests and revocation lists as PEM and back, their names and
// their fingerprints, and the order of a chain.
//
// It makes no certificate (see package issue) and judges no chain (see package
// trust); of a name it says whether constraints forbid it.
// It reads no clock and imports only the standard library.
//
// Every parser here is strict: each PEM block of the input is accounted for,
// and an error names the block's number and type. None of them panics, and on
// error none returns a partial value. No error text ever holds key material.
//
// What OpenSSL reads is read, as long as nothing has to be guessed. Of the rest an
// error says why, and which function of Terraform or which command mends it.
package pki

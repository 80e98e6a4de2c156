// Package issue makes certificates, in one direction: a request is validated,
// turned into a template, signed, parsed back and verified. What was checked is
// what is signed, and a certificate that its own issuer would not vouch for
// never leaves.
//
// [Check] does all of the validation without a private key, so that a plan can
// say what is wrong before anything is made; [Issue] does it again, and makes
// the certificate. [CheckProvided] judges a certificate that somebody else made.
//
// The package reads no clock: the present instant is an argument. Randomness is
// the operating system's (see [pki.GenerateKey]).
package issue

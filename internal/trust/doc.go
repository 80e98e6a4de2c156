// Package trust judges certificate chains as a verifier would, such as Kong's
// control plane: given what is uploaded to it and what a data plane presents, is
// the data plane accepted, and if not, everything that is wrong and what to do
// about it.
//
// [Evaluate] is the whole of it. It reads no clock, no file and no network,
// never panics and returns no error: a refusal is a result, and its reasons are
// the product.
//
// # Who decides
//
// Where a verifier is Go, and for Konnect, into whose verifier nobody can look, a
// path is accepted when [x509.Certificate.Verify] accepts it: the rules explain a
// refusal, and add only refusals of their own. Where a verifier is OpenSSL, the
// program's behaviour is the law: its rules are all that OpenSSL asks, a path in
// which they find no error is accepted whatever crypto/x509 says of it, and
// openssl verify, nginx with its lua module, HAProxy and Apache are the judges in
// the tests. A signature that nobody here can verify is an error, never a guess.
//
// Besides, the caller can ask for more: revocation lists, and a time for which
// the path must last. A pin is compared, byte for byte, and never becomes an
// issuer by that.
//
// # A verifier
//
// Each has a file of its own, verifier_*.go, with its profile: how it looks for a
// path, and its rules by name. The rules are functions that return findings, in
// rules_*.go, by subject. A finding holds the certificate that it is about, and
// is put into words when the verdict is made; package drawing shows verdicts.
//
// # What holds for every verdict
//
//   - It is untrusted exactly when a finding has severity [Error].
//   - One more uploaded certificate never turns a trusted chain into an
//     untrusted one. For [KongHybridShared], which reads only the first upload,
//     that is one more at the end.
//   - The same input gives the same verdict, findings and texts included.
//
// # What it costs
//
// The work is bounded on hostile input; the bounds are the constants in
// limits.go, and a finding says when one of them was reached. The one sentence
// of the second law that bends is there too: uploads of one name and many keys
// can exhaust the bounds of crypto/x509 and of this package.
package trust

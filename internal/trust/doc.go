// Package trust judges certificate chains as a control plane would: given what
// is uploaded to it and what a data plane presents, is the data plane accepted,
// and if not, everything that is wrong and what to do about it.
//
// [Evaluate] is the whole of it. It reads no clock, no file and no network,
// never panics and returns no error: a refusal is a result, and its reasons are
// the product.
//
// # Who decides
//
// A path is accepted when [x509.Certificate.Verify] accepts it. The code here
// explains a refusal, and adds only refusals of its own that the control plane
// makes (see [ControlPlane]) or that the caller asks for: revocation lists, and
// a time for which the path must last. A pin is compared, byte for byte, and
// never becomes an issuer by that.
//
// # What holds for every verdict
//
//   - It is untrusted exactly when a finding has severity [Error].
//   - One more uploaded certificate never turns a trusted chain into an
//     untrusted one. For [KongHybridShared], which reads the first upload alone,
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

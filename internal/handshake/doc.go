// Package handshake connects to a living server as a data plane would, over
// mutual TLS, and reports what the server said, in the server's own words.
//
// [Connect] resolves the address, connects, presents the chain, makes at most
// one HTTP request, and reads on after the handshake: with TLS 1.3 a client
// believes the handshake done before the server has looked at its certificate
// (RFC 8446, 4.4.2.4), nginx refuses a certificate with HTTP status 400, and
// Kong, in shared mode, closes without an answer.
//
// [Judge] sets what was predicted beside that: what this side says of the
// server's chain, and what the server was expected to say of ours. Where the two
// disagree, both are reported: either the provider's rules are wrong, or the
// server trusts other certificates than the ones given.
//
// The work is bounded in time by [Request.Timeout], and in bytes by the
// constants in limits.go. No proxy is asked, no redirect is followed, and
// nothing is sent but what is in the [Request]. The private key only signs the
// handshake. No text that this package makes holds any part of it.
package handshake

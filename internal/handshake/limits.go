package handshake

import "time"

const (
	// DefaultTimeout is the time that a handshake may take, all in all.
	DefaultTimeout = 10 * time.Second
	// MaxTimeout is the most that it may be set to.
	MaxTimeout = 10 * time.Minute

	// maxBytes is how much is read from a server, all in all: more than the 256
	// KiB of certificates that crypto/tls takes, and room for an HTTP answer.
	maxBytes = 512 << 10
	// maxHeader is how long the head of an HTTP answer may be, and maxBody how
	// much is read of what follows it, for the reason of a refusal.
	maxHeader = 64 << 10
	maxBody   = 16 << 10
	// maxAddresses is how many addresses of a name are tried.
	maxAddresses = 8

	// settling is how long a server has to refuse after a TLS 1.3 handshake, if no
	// request is made that it would have to answer.
	settling = time.Second
	// settled is how long it has after it sent a session ticket. Servers send one
	// only to a client whose certificate they have accepted (crypto/tls, OpenSSL).
	settled = 200 * time.Millisecond
)

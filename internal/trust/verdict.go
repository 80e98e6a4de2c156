package trust

import (
	"crypto/x509"
	"time"
)

// Options says by whose rules and at what instant a chain is judged.
type Options struct {
	// Verifier decides how; the zero value means Konnect.
	Verifier Verifier
	// At is the instant of the judgement, to the second: what is finer is cut off.
	// It is required: the zero value is refused with a finding, never taken for
	// now.
	At time.Time
	// RequireValidFor is how long after At the accepted path must last, at least.
	// A path that ends sooner is refused, though the verifier would take it today.
	// Zero, or less, asks for nothing.
	RequireValidFor time.Duration
	// RevocationLists refuse what they list. Signatures are checked here; a list
	// that is stale or that no certificate of the path signed gets a warning, and so
	// does one that is nil if UnreadableRevocationLists has the reason.
	RevocationLists []*x509.RevocationList
	// Purpose is what the leaf must be good for; the zero value is ClientAuth. A
	// verifier that judges servers always wants ServerAuth.
	Purpose Purpose
	// ServerName is the name that a verifier of servers looks for in the leaf: a
	// DNS name or an IP address; nil if none is given. See [Options.Check].
	ServerName *string
	// VerifyDepth is the value of the verifier's own setting, counted as it counts;
	// nil for its default.
	VerifyDepth *int
	// OCSP is the verifier's cluster_ocsp; nil for its default, [OCSPOff].
	OCSP *OCSP
	// UnreadableAnchors and UnreadablePresented say why a certificate could not be
	// read that is nil in the list, by its index from 0.
	UnreadableAnchors, UnreadablePresented map[int]error
	// UnreadableRevocationLists says the same of revocation lists.
	UnreadableRevocationLists map[int]error

	shared *sharedWork // of a fleet; nil for one chain
}

// A Mode is the way in which a chain was accepted; empty when it was not.
type Mode string

// The two ways to be trusted.
const (
	Pinned Mode = "pinned" // the leaf itself is uploaded
	PKI    Mode = "pki"    // a path leads from the leaf to an uploaded anchor
)

// A Verdict is the outcome of [Evaluate]. Its certificates are those passed in,
// and must not be changed.
type Verdict struct {
	// Trusted is false exactly when one of Findings is an Error.
	Trusted bool
	// Mode is empty when not trusted.
	Mode Mode
	// Anchor is the uploaded certificate that the path ends at: the pin itself,
	// or a CA. Nil when not trusted.
	Anchor *x509.Certificate
	// Path is the accepted path, leaf to anchor; a pin is a path of one. Nil when
	// not trusted. Of several acceptable paths it is the one that lasts longest.
	Path []*x509.Certificate
	// Findings lists all that is wrong, errors first, the best candidate's before
	// those of others.
	Findings []Finding
	// ValidUntil is the earliest NotAfter along Path; zero when not trusted.
	ValidUntil time.Time
	// Picture is what package drawing needs besides.
	Picture Picture
}

// A Severity tells what refuses from what only deserves attention.
type Severity string

// The two severities.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// A Finding is one thing that is wrong.
type Finding struct {
	Code     Code     // stable; see Catalogue
	Severity Severity // Error refuses
	// On is the certificate that it is about, and where that was found; nil when
	// it is about none, or about one that cannot be read.
	On          *Entry
	Certificate string // which one, in words: its place and its name; empty when about none
	Detail      string // what is wrong, in one sentence
	Hint        string // what to upload, present or change
	// VerifierSays is what the verifier itself writes, with its number where it has
	// one, if this finding is what it stops at; empty where it writes nothing, does
	// not refuse, or nobody knows.
	VerifierSays string
	Clause       string // "RFC 5280, 4.2.1.9"; empty if the matter has none
}

// A Picture is what a verdict is about, as far as it can be drawn. Its zero
// value is an empty one.
type Picture struct {
	Verifier string   // how findings name the verifier
	Says     string   // what the verifier itself writes; empty where nothing is known
	Path     []Node   // the accepted path, or the best candidate; leaf first
	Others   []*Entry // uploads that are not on the path
}

// A Node is one certificate of a path.
type Node struct {
	*Entry
	// Broken says that the next certificate of the path did not sign this one.
	Broken bool
}

package trust

import (
	"fmt"
	"strings"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// A Verifier names whose rules decide.
type Verifier string

// verifiers has a line for each verifier, the default first. What one asks is in
// a file of its own, verifier_*.go.
func verifiers() []registered {
	return []registered{
		{Konnect, konnect},
		{KongHybridShared, kongHybridShared},
		{KongHybridPKI, kongHybridPKI},
		{KongDataPlaneShared, kongDataPlaneShared},
		{KongDataPlanePKI, kongDataPlanePKI},
		{Nginx, nginx},
		{HAProxy, haproxy},
		{Apache, apache},
		{Go, goServer},
	}
}

type registered struct {
	verifier Verifier
	profile  func() profile
}

// Verifiers lists every verifier that [Evaluate] knows, the default first.
func Verifiers() []Verifier {
	var all []Verifier
	for _, known := range verifiers() {
		all = append(all, known.verifier)
	}
	return all
}

// JudgesServers reports whether it is a verifier of servers, as a data plane is of
// its control plane, and not of clients; false for an unknown one.
func (v Verifier) JudgesServers() bool {
	profile, _ := profileOf(v)
	return profile.purpose == ServerAuth
}

// ParseVerifier reads a verifier's name; the empty string means [Konnect].
func ParseVerifier(text string) (Verifier, error) {
	if text == "" {
		return Konnect, nil
	}
	var names []string
	for _, known := range Verifiers() {
		if text == string(known) {
			return known, nil
		}
		names = append(names, string(known))
	}
	return "", fmt.Errorf("unknown verifier %q: expected one of %s", pki.Printable(text), strings.Join(names, ", "))
}

// profileOf returns the profile of a verifier; false for an unknown one.
func profileOf(verifier Verifier) (profile, bool) {
	if verifier == "" {
		verifier = Konnect
	}
	for _, known := range verifiers() {
		if known.verifier == verifier {
			return known.profile(), true
		}
	}
	return profile{reading: goReading()}, false
}

// A profile is what [Evaluate] knows of a verifier: how it looks for a path, and
// the rules that it has for one.
type profile struct {
	title   string // how findings name it
	library string // what of it takes or refuses an algorithm
	// trusts is where its anchors are kept, as its users know it.
	trusts string
	reading

	// purpose is what the leaf must be good for, if the caller does not say.
	purpose Purpose
	// name is the server name that it looks for.
	name serverNameRule
	// depth is how many CAs it follows.
	depth depthRule
	// ocsp says that it can ask whether the leaf is revoked: cluster_ocsp.
	ocsp bool
	// says is what it writes about a finding of severity Error; nil where nobody
	// can know.
	says func(q *question, f finding) string
	// stopsAt picks what it writes of all that is wrong with a path.
	stopsAt func(q *question, path []*Entry, found []finding) string

	// ownRules says that the rules decide on a path: one in which they find no
	// error is accepted. Otherwise crypto/x509 decides, and the rules explain it
	// and refuse besides.
	ownRules bool

	// pins says which uploads a presented leaf is compared with, and whenPinned
	// what counts of the faults of a leaf that is one of them.
	pins       pinRule
	whenPinned func(q *question, pin *Entry, found []finding) []finding

	// isAnchor says of an uploaded certificate whether a path may end there; nil
	// where no path is followed at all.
	isAnchor func(*Entry) bool
	// partialChain says that a path may end at an intermediate.
	partialChain bool
	// whyNoPin is said of an uploaded leaf where it is not a pin, behind what all
	// verifiers of the kind have in common; empty for nothing more.
	whyNoPin string
	// uploadsHelp says that a path may lead over uploads that it cannot end at.
	uploadsHelp bool
	// mostUploads is how many certificates it takes; zero where nothing is known of
	// a limit.
	mostUploads int
	rules       []rule
}

func (p profile) followsPaths() bool { return p.isAnchor != nil }
func (p profile) byGo() bool         { return !p.ownRules }

// A serverNameRule is which name a verifier looks for in a server's certificate.
type serverNameRule struct {
	wanted bool   // it looks for one
	fixed  string // always this one; empty where users say which
}

// A depthRule is how many CAs a verifier follows.
type depthRule struct {
	setting    string // what it is called; empty where there is none
	limit      int    // its default; without a setting, what the program has built in
	fixed      bool   // users cannot change it
	countsRoot bool   // every CA counts, the anchor too; otherwise only what is between
}

// A pinRule says which uploads a presented leaf is compared with.
type pinRule int

const (
	noPins pinRule = iota
	anyUpload
	firstUpload
)

// A rule is one thing that a verifier asks, by name.
type rule struct {
	name string
	// scope is of what it is asked.
	scope scope
	force force
	// find lists what is wrong with path[at]. A rule on a certificate looks at
	// nothing beyond it: the path is still being built from the leaf up. A rule on
	// a path is asked once, at its last certificate.
	find func(q *question, path []*Entry, at int) []finding
}

// A force is what comes of a rule that is broken.
type force int

const (
	// asGo refuses, and crypto/x509 asks the same: a path that it accepts need not
	// be asked again.
	asGo      force = iota
	besidesGo       // refuses, whatever crypto/x509 says
	onlyWarns       // makes a warning of it
)

// broken lists in what the rule is broken.
func (r rule) broken(q *question, path []*Entry, at int) []finding {
	found := r.find(q, path, at)
	if r.force == onlyWarns {
		return asWarnings(found)
	}
	return found
}

// A scope is what a rule is asked of.
type scope int

const (
	eachCertificate scope = iota // of each certificate of a path, from the leaf up
	wholePath                    // of a path that arrived at its end
	acceptedPath                 // of a path that is accepted; warnings only
)

// findRules asks the rules of a scope.
func findRules(q *question, asked scope, path []*Entry) []finding {
	var found []finding
	for _, r := range q.profile.rules {
		if r.scope == asked {
			found = append(found, r.broken(q, path, len(path)-1)...)
		}
	}
	return found
}

// findOnCertificate asks every rule on a certificate of path[at].
func findOnCertificate(q *question, path []*Entry, at int) []finding {
	var found []finding
	for _, r := range q.profile.rules {
		if r.scope == eachCertificate {
			found = append(found, r.broken(q, path, at)...)
		}
	}
	return found
}

// findBesidesGo asks of a path that crypto/x509 accepts what the verifier and
// the caller ask besides.
func findBesidesGo(q *question, path []*Entry) []finding {
	var found []finding
	for at := range path {
		for _, r := range q.profile.rules {
			if r.scope == eachCertificate && r.force != asGo {
				found = append(found, r.broken(q, path, at)...)
			}
		}
	}
	return append(found, findRules(q, wholePath, path)...)
}

package trust

import (
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// Evaluate judges whether a verifier that holds the uploaded anchors accepts a
// peer that presents the given chain, leaf first. The order of the anchors
// matters only to [KongHybridShared].
//
// It looks at the first certificate presented as the leaf, and takes the others
// as help, in any order. A CA that issued one of the others is not a leaf.
// Certificates must be parsed; nil ones are skipped with a warning.
func Evaluate(anchors, presented []*x509.Certificate, options Options) Verdict {
	profile, known := profileOf(options.Verifier)
	q := &question{Options: options, profile: profile, pool: newPool(anchors, presented, options, profile.reading)}
	// A certificate's dates count whole seconds, and its last one belongs to it
	// (RFC 5280, 4.1.2.5).
	q.At = options.At.Truncate(time.Second)
	if profile.purpose != ClientAuth {
		q.Purpose = profile.purpose
	}
	if refusal := unanswerable(q, known); refusal != nil {
		return refuse(q, nil, refusal)
	}
	if below := presentedBelow(q); below != nil {
		return refuse(q, []*Entry{q.pool.leaf}, wrongOrder(q.pool, below))
	}
	if pin := pinOf(q); pin != nil {
		return judgePin(q, pin)
	}
	if !q.profile.followsPaths() {
		return explainPin(q)
	}
	path, findings, accepted := acceptablePath(q)
	if accepted {
		return accept(q, PKI, path, findings)
	}
	return explainPaths(q, path, findings)
}

// A question is what one call of Evaluate asks, and what was found out so far.
// The rules get it; they write into nothing of it but the budget and what the
// signatures said.
type question struct {
	Options
	profile profile
	pool    *pool
	budget  budget
	ends    []*step // the candidate paths, once they were looked for
	links   map[link]linkState
	lists   map[listLink]linkState // what the issuer's key says of the list's signature
	scopes  map[*x509.RevocationList]listScope
	unread  map[*Entry]string // what OpenSSL cannot read of a certificate
	listed  map[listLink]bool // whether the certificate is on it
}

// unanswerable finds what leaves nothing to judge.
func unanswerable(q *question, known bool) []finding {
	refusal := finding{severity: Error}
	var invalid []finding
	switch {
	case !known:
		refusal.code, refusal.detail = UnknownVerifier, sayf("no verifier is called %q", string(q.Verifier))
		refusal.hint = sayf("name one of %v", Verifiers())
	case len(q.Check()) > 0:
		for _, wrong := range q.Check() {
			found := finding{code: InvalidOption, severity: Error, subject: wrong.Option}
			found.detail, found.hint = sayf("%s", pki.EscapeControl(wrong.Detail)), sayf("%s", wrong.Hint)
			invalid = append(invalid, found)
		}
		return invalid
	case q.At.IsZero():
		// crypto/x509 would take it for now, and the verdict would change by itself.
		refusal.code, refusal.detail = InstantMissing, sayf("no time is set at which to validate")
		refusal.hint = sayf("set the time, for example to now")
	case q.pool.leaf == nil && q.UnreadablePresented[0] != nil:
		return []finding{q.pool.unusable[0].finding(Error)}
	case q.pool.leaf == nil:
		refusal.code, refusal.detail = NothingPresented, sayf("no leaf certificate is presented")
		refusal.hint = sayf("present the data plane's certificate, followed by its intermediates")
	case q.pool.uploads == 0:
		refusal.code, refusal.detail = NothingUploaded, sayf("nothing is uploaded to %s, so it trusts no one", q.profile.title)
		refusal.hint = sayf("upload the presented leaf itself, or a CA certificate that it leads to")
	default:
		return nil
	}
	return []finding{refusal}
}

// depth is how many CAs the verifier follows, as it counts them.
func (q *question) depth() int {
	if q.VerifyDepth != nil && q.profile.depth.setting != "" && !q.profile.depth.fixed {
		return *q.VerifyDepth
	}
	return q.profile.depth.limit
}

// serverName is the name that the verifier looks for; empty for none.
func (q *question) serverName() string {
	switch {
	case !q.profile.name.wanted:
		return ""
	case q.profile.name.fixed != "" || q.ServerName == nil:
		return q.profile.name.fixed
	default:
		return *q.ServerName
	}
}

// stamp writes an instant and how far it lies from the one judged: "at
// 2030-06-12T12:00:00Z, 3 days ago".
func (q *question) stamp(instant time.Time) string {
	written := pki.Stamp(instant)
	switch distance := instant.Sub(q.At); {
	case distance < 0:
		return fmt.Sprintf("at %s, %s ago", written, span(-distance))
	default:
		return fmt.Sprintf("at %s, in %s", written, span(distance))
	}
}

// accept makes the verdict of an acceptable path, with what is found on it.
func accept(q *question, mode Mode, path []*Entry, findings []finding) Verdict {
	r := report{findings}
	r.add(untidiness(q, path, true)...)
	r.add(findRules(q, acceptedPath, path)...)
	r.add(q.budget.finding(Warning)...)
	certificates := make([]*x509.Certificate, len(path))
	for i, e := range path {
		certificates[i] = e.Certificate
	}
	return Verdict{
		Trusted: true, Mode: mode, Anchor: certificates[len(path)-1], Path: certificates,
		Findings: r.words(q), ValidUntil: endsFirst(path).NotAfter, Picture: picture(q, path, true),
	}
}

// refuse makes the verdict of a refusal that candidate, leaf first and possibly
// nil, comes closest to preventing.
func refuse(q *question, candidate []*Entry, findings []finding) Verdict {
	r := report{findings}
	if q.pool.leaf != nil {
		r.add(untidiness(q, candidate, false)...)
	}
	severity := Warning
	if !refuses(r.findings) {
		severity = Error
	}
	r.add(q.budget.finding(severity)...)
	refused := Verdict{Findings: r.words(q), Picture: picture(q, candidate, false)}
	refused.Picture.Says = whatItWrites(q, candidate, r.findings)
	return refused
}

// picture is what there is to draw of a path.
func picture(q *question, path []*Entry, trusted bool) Picture {
	p := Picture{Verifier: q.profile.title, Path: make([]Node, 0, len(path))}
	for i, e := range path {
		broken := !trusted && i+1 < len(path) && checkLink(q, e, path[i+1]) != linkGood
		p.Path = append(p.Path, Node{Entry: e, Broken: broken})
	}
	for _, e := range q.pool.all {
		if len(e.Uploaded) > 0 && !slices.Contains(path, e) {
			p.Others = append(p.Others, e)
		}
	}
	return p
}

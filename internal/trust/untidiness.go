package trust

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// untidiness warns of what is presented or uploaded and had better not be. path
// is the accepted path, or the best candidate.
func untidiness(q *question, path []*Entry, trusted bool) []finding {
	var found []finding
	for _, u := range q.pool.unusable {
		found = append(found, u.finding(Warning))
	}
	found = append(found, unreadableLists(q)...)
	if q.pool.dropped > 0 {
		found = append(found, finding{
			code: LimitReached, severity: Warning,
			detail: sayf("only the first %d presented certificates are checked; %d more are not", maxPresented, q.pool.dropped),
			hint:   sayf("present only the leaf and its intermediates"),
		})
	}
	if most := q.profile.mostUploads; most > 0 && q.pool.uploads > most {
		found = append(found, finding{
			code: TooManyUploads, severity: Warning,
			detail: sayf("%d certificates are uploaded, and %s takes %d by default", q.pool.uploads, q.profile.title, most),
			hint:   sayf("delete uploads that no data plane needs any more, or upload a CA instead of pins; Kong's support can raise the limit"),
		})
	}
	found = append(found, duplicates(q.pool)...)
	if len(q.pool.leaf.Presented) > 0 && len(q.pool.all) > 1 {
		found = append(found, presentedNeedlessly(q, path, trusted)...)
	}
	return found
}

// finding says of a place that it holds no certificate: an error for the leaf.
func (u unusable) finding(severity Severity) finding {
	f := finding{code: UnusableCertificate, severity: severity, subject: u.place}
	switch {
	case u.why == nil:
		f.detail, f.hint = sayf("it is not a parsed certificate and was skipped"), sayf("remove it, or provide the intended certificate")
	case severity == Error:
		f.detail, f.hint = sayf("the leaf cannot be read: %s", pki.EscapeControl(u.why.Error())), sayf("have it issued again%s", remedyOf(u.why))
	default:
		f.detail = sayf("it cannot be read, and was skipped: it is neither an anchor nor an issuer here, whatever a verifier does that reads it (%s)", pki.EscapeControl(u.why.Error()))
		f.hint = sayf("remove it, or have it issued again%s", remedyOf(u.why))
	}
	return f
}

// unreadableLists warns of revocation lists that could not be read.
func unreadableLists(q *question) []finding {
	var found []finding
	for i, list := range q.RevocationLists {
		if why := q.UnreadableRevocationLists[i]; list == nil && why != nil {
			found = append(found, finding{
				code: RevocationListUnusable, severity: Warning, subject: fmt.Sprintf("revocation list %d", i+1),
				detail: sayf("it cannot be read, and was skipped: what it revokes is not known (%s)", pki.EscapeControl(why.Error())),
				hint:   sayf("download the list again from its issuer, or have it made as RFC 5280, 5 has it"),
			})
		}
	}
	return found
}

// remedyOf says what to change about a certificate that crypto/x509 does not
// read.
func remedyOf(why error) string {
	if strings.Contains(why.Error(), "negative serial number") {
		return " with a positive serial number (RFC 5280, 4.1.2.2)"
	}
	return " as RFC 5280 has it"
}

// duplicates warns of certificates that are there twice in one list.
func duplicates(p *pool) []finding {
	var found []finding
	for _, e := range p.all {
		if len(e.Presented) > 1 {
			found = append(found, about(e, PresentedTwice, Warning, sayf("it is presented again at %s", positions(e.Presented[1:])), sayf("present each certificate once")))
		}
		if len(e.Uploaded) > 1 {
			found = append(found, about(e, UploadedTwice, Warning, sayf("it is uploaded again as %s", positions(e.Uploaded[1:])), sayf("upload each certificate once")))
		}
	}
	return found
}

// positions writes the first few of a list of positions.
func positions(list []int) string {
	parts := make([]string, 0, 4)
	for _, position := range list[:min(3, len(list))] {
		parts = append(parts, fmt.Sprintf("number %d", position))
	}
	if len(list) > 3 {
		parts = append(parts, fmt.Sprintf("%d more", len(list)-3))
	}
	return strings.Join(parts, ", ")
}

// presentedNeedlessly warns of presented certificates that are out of order or
// of no use. It goes only by names and key identifiers: no verdict depends on
// it.
func presentedNeedlessly(q *question, path []*Entry, trusted bool) []finding {
	p := q.pool
	if presentedBelow(q) != nil {
		return nil // it is refused for that, and the rest follows from it
	}
	useful := ancestors(p)
	// Beyond a gap, any CA may be what the path goes on to once the gap is closed.
	gap := !trusted && len(path) > 0 && q.profile.followsPaths() && !endsAtAnchor(q, path[len(path)-1])
	var found []finding
	for _, e := range p.all {
		unused := !useful[e] && !slices.Contains(path, e)
		switch {
		case len(e.Presented) == 0 || e == p.leaf:
		case unused && gap && marksCA(e.Certificate):
		case unused:
			found = append(found, about(e, PresentedUnused, Warning, sayf("it is not needed: it is not an issuer of %s, or of any certificate above it", p.leaf),
				sayf("remove it from the presented chain")))
		default:
			found = append(found, misplaced(p, e, trusted)...)
		}
	}
	return found
}

// misplaced warns of a presented certificate that is of use, but need not or
// should not be where it is.
func misplaced(p *pool, e *Entry, trusted bool) []finding {
	switch {
	case p.reading.endsItself(e) && (len(e.Uploaded) > 0 || trusted):
		return []finding{about(e, RootPresented, Warning, sayf("it is a root: whoever verifies a chain trusts its own copy and never the presented one"),
			sayf("present the leaf and its intermediates without the root"))}
	case !followsChild(p, e):
		return []finding{about(e, ChainOutOfOrder, Warning, sayf("it is presented before the certificate that it issued"),
			sayf("present the chain in order: the leaf, its issuer, the issuer's issuer"))}
	default:
		return nil
	}
}

// wrongOrder is about a CA that is presented first, before what it issued. The
// private key belongs to another certificate: nginx does not even start with it
// ("key values mismatch"), and whatever else would be said of the CA as a leaf is
// beside the point.
func wrongOrder(p *pool, below *Entry) []finding {
	order := []*Entry{below, p.leaf}
	for further := true; further; {
		further = false
		for _, e := range p.all {
			if len(e.Presented) > 0 && !slices.Contains(order, e) && p.namesIssuer(e, order[0]) {
				order, further = slices.Insert(order, 0, e), true
				break
			}
		}
	}
	return []finding{about(p.leaf, ChainOutOfOrder, Error,
		sayf("it is presented first, where the leaf belongs, but it is the issuer of %s", inPlace(below)),
		sayf("present the leaf first, then its issuer, then the issuer's issuer: %s", names(order)))}
}

// presentedBelow finds a presented certificate that the first one issued: then
// the first one is not the leaf that somebody meant. That its signature verifies
// is asked too, because it refuses: names alone can be those of a stranger.
func presentedBelow(q *question) *Entry {
	p := q.pool
	if !marksCA(p.leaf.Certificate) {
		return nil
	}
	for _, e := range p.all {
		if e != p.leaf && len(e.Presented) > 0 && p.namesIssuer(e, p.leaf) && !p.namesIssuer(p.leaf, e) && certainlySigned(q, e, p.leaf) {
			return e
		}
	}
	return nil
}

// ancestors are the certificates that the leaf leads to by names, over whatever
// is available.
func ancestors(p *pool) map[*Entry]bool {
	reached := map[*Entry]bool{p.leaf: true}
	queue := []*Entry{p.leaf}
	visits := 0
	for ; len(queue) > 0; queue = queue[1:] {
		for _, issuer := range p.namedAs(queue[0].RawIssuer) {
			if visits++; visits > maxVisits {
				return reached
			}
			if !reached[issuer] && p.namesIssuer(queue[0], issuer) {
				reached[issuer] = true
				queue = append(queue, issuer)
			}
		}
	}
	return reached
}

// followsChild reports whether a presented certificate comes after one that
// names it as its issuer, or after none that is presented at all.
func followsChild(p *pool, e *Entry) bool {
	named := false
	for _, child := range p.all {
		if len(child.Presented) == 0 || child == e || !p.namesIssuer(child, e) {
			continue
		}
		if child.Presented[0] < e.Presented[0] {
			return true
		}
		named = true
	}
	return !named
}

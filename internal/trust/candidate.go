package trust

import (
	"bytes"
	"cmp"
	"container/heap"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"slices"
)

// A step is one certificate at the upper end of one candidate path.
type step struct {
	at     *holding
	below  *step // toward the leaf; nil at the leaf
	depth  int
	ended  bool      // nothing follows: an anchor, or a dead end
	anchor bool      // it ended at an upload that a path may end at
	found  []Finding // what is wrong with this certificate and the link below it
	cost   int       // the weight of all findings from the leaf up to here
	serial int       // order of discovery
}

// path lists the certificates from the leaf up to the step.
func (s *step) path() []*holding {
	path := make([]*holding, s.depth+1)
	for at := s; at != nil; at = at.below {
		path[at.depth] = at.at
	}
	return path
}

// findings lists what is wrong along the path, from the leaf up.
func (s *step) findings() []Finding {
	if s == nil {
		return nil
	}
	return append(s.below.findings(), s.found...)
}

// distance is how near a step is to being the end of a candidate.
func (s *step) distance() int {
	switch {
	case s.ended:
		return 0
	case len(s.at.uploaded) > 0:
		return 1
	default:
		return 2
	}
}

// A frontier is the steps yet to be taken, the cheapest first; of equal ones
// those at an upload, then the one found first, so that the search does not
// depend on chance.
type frontier []*step

func (f frontier) Len() int { return len(f) }
func (f frontier) Less(a, b int) bool {
	return cmp.Or(cmp.Compare(f[a].cost, f[b].cost), cmp.Compare(f[a].distance(), f[b].distance()), cmp.Compare(f[a].serial, f[b].serial)) < 0
}
func (f frontier) Swap(a, b int) { f[a], f[b] = f[b], f[a] }
func (f *frontier) Push(s any)   { *f = append(*f, s.(*step)) } //nolint:forcetypeassert // Push is called by search alone
func (f *frontier) Pop() any {
	last := (*f)[len(*f)-1]
	*f = (*f)[:len(*f)-1]
	return last
}

// A search looks for candidate paths: chains of names from the leaf up, whether
// or not they hold, ordered by how much is wrong with them.
//
//	         leaf            each arrow is a name that matches; a candidate
//	        /    \           ends at an anchor, or where no certificate at
//	  issuing    issuing~2   hand has the issuer's name. The cheapest waiting
//	   /    \        |       step is always taken next, and no finding costs
//	root  (gone)   root~2    less than nothing: so candidates come out best
//	                         first, and the search can stop after a few.
type search struct {
	j       *judgement
	waiting frontier
	taken   int // steps, see maxSteps
	matched int // names, see maxMatches
	serial  int
}

func (s *search) exhausted() bool { return s.taken >= maxSteps || s.matched >= maxMatches }

// candidates returns up to maxCandidates ends of candidate paths, the best
// first: there is always one.
func (j *judgement) candidates() []*step {
	s := &search{j: j}
	s.push(nil, j.held.leaf, j.certificateFaults(nil, j.held.leaf))
	var ends []*step
	for len(s.waiting) > 0 && len(ends) < maxCandidates {
		best, _ := heap.Pop(&s.waiting).(*step)
		switch {
		case len(ends) > 0 && best.cost > ends[0].cost+alternativeMargin:
			return ends
		case best.ended:
			ends = append(ends, best)
		case s.exhausted() && len(ends) > 0:
			return ends
		case s.exhausted():
			j.reached(boundSteps)
			return []*step{s.rest(best)}
		default:
			s.taken++
			s.extend(best)
		}
	}
	return ends
}

// rest is the candidate that a search which gave up comes back with: the best
// that has ended, or else the one it was at.
func (s *search) rest(at *step) *step {
	for len(s.waiting) > 0 {
		if next, _ := heap.Pop(&s.waiting).(*step); next.ended {
			return next
		}
	}
	return s.lost(at)
}

// lost ends a candidate where the search gave up, and says so if nothing
// uploaded can be reached from the leaf at all.
func (s *search) lost(at *step) *step {
	if refuses(at.findings()) {
		return at
	}
	reached := s.j.ancestors()
	for h := range reached {
		if len(h.uploaded) > 0 {
			return at
		}
	}
	ended := *at
	ended.found = append(slices.Clip(at.found), about(s.j.held.leaf, NoUploadReached, Error,
		fmt.Sprintf("%d certificates at hand stand above it by their names, and none of them is uploaded", len(reached)-1),
		"upload one of the CAs that it leads to, or its root"))
	return &ended
}

// push adds a step to those that wait; below is nil for the leaf.
func (s *search) push(below *step, at *holding, found []Finding) {
	if len(s.waiting) >= maxQueue {
		s.j.reached(boundSteps)
		return
	}
	next := &step{at: at, below: below, found: found, serial: s.serial}
	if below != nil {
		next.depth, next.cost = below.depth+1, below.cost
	}
	for _, finding := range found {
		next.cost += weight(finding)
	}
	s.serial++
	heap.Push(&s.waiting, next)
}

// end puts a step back as the end of a candidate, with what is wrong there.
func (s *search) end(at *step, anchor bool, found ...Finding) {
	ended := *at
	ended.ended, ended.anchor = true, anchor
	ended.found = append(slices.Clip(at.found), found...)
	for _, finding := range found {
		ended.cost += weight(finding)
	}
	s.serial++
	ended.serial = s.serial
	heap.Push(&s.waiting, &ended)
}

// extend ends a path or leads it on to every certificate of the issuer's name.
func (s *search) extend(at *step) {
	if s.endsAtUpload(at) {
		return
	}
	issuers := s.issuers(at)
	if len(issuers) == 0 {
		s.end(at, false, s.j.missing(at))
		return
	}
	for _, issuer := range issuers {
		found := s.j.linkFaults(at.at, issuer)
		found = append(found, s.j.certificateFaults(at, issuer)...)
		s.push(at, issuer, found)
	}
}

// endsAtUpload ends the path if it arrived at an upload where paths end, or
// where they might have.
func (s *search) endsAtUpload(at *step) bool {
	if len(at.at.uploaded) == 0 {
		return false
	}
	anchor := s.j.profile.isAnchor(at.at.Certificate)
	// Konnect never looks beyond an upload, so a path over one that is no CA ends
	// there as well; that it is none was found already.
	if !anchor && (s.j.profile.openSSL || at.depth == 0) {
		return false
	}
	s.end(at, anchor, s.j.pathFaults(at)...)
	return true
}

// pathFaults is what is wrong with a candidate as a whole.
func (j *judgement) pathFaults(at *step) []Finding {
	path := at.path()
	found := j.endFaults(path)
	found = append(found, j.revocationFaults(path)...)
	for depth := range path {
		found = append(found, j.strictFaults(path, depth)...)
	}
	return found
}

// issuers lists the certificates that the path can go on to: those whose key
// made the signature, or, if there are none, all that have the issuer's name.
func (s *search) issuers(at *step) []*holding {
	var signers, namesakes []*holding
	matching := s.j.held.bySubject(at.at.RawIssuer)
	s.matched += len(matching)
	for _, h := range byKeyID(at.at, matching) {
		switch {
		case at.holds(h):
		case s.j.check(at.at, h) == linkGood:
			signers = append(signers, h)
		default:
			namesakes = append(namesakes, h)
		}
	}
	if len(signers) > 0 {
		return signers
	}
	// A certificate that ends itself has no other issuer to look for.
	if endsItself(at.at.Certificate) {
		return nil
	}
	return namesakes
}

// byKeyID puts the certificates that have the key which the child names before
// those that name none, and those before all others.
func byKeyID(child *holding, issuers []*holding) []*holding {
	ordered := slices.Clone(issuers)
	slices.SortStableFunc(ordered, func(a, b *holding) int { return keyRank(child, a) - keyRank(child, b) })
	return ordered
}

func keyRank(child, issuer *holding) int {
	switch {
	case keyIDsAgree(child.Certificate, issuer.Certificate):
		return 0
	case !keyIDsDiffer(child.Certificate, issuer.Certificate):
		return 1
	default:
		return 2
	}
}

// holds reports whether the path has a certificate of the same subject, key and
// alternative names, as crypto/x509 asks: it would go in a circle otherwise.
func (s *step) holds(candidate *holding) bool {
	for at := s; at != nil; at = at.below {
		if at.at == candidate || bytes.Equal(at.at.RawSubject, candidate.RawSubject) &&
			bytes.Equal(at.at.RawSubjectPublicKeyInfo, candidate.RawSubjectPublicKeyInfo) &&
			bytes.Equal(alternativeNames(at.at.Certificate), alternativeNames(candidate.Certificate)) {
			return true
		}
	}
	return false
}

// alternativeNames is the extension's value (RFC 5280, 4.2.1.6); nil for none.
func alternativeNames(certificate *x509.Certificate) []byte {
	at := slices.IndexFunc(certificate.Extensions, func(e pkix.Extension) bool { return e.Id.String() == "2.5.29.17" })
	if at < 0 {
		return nil
	}
	return certificate.Extensions[at].Value
}

package trust

import (
	"bytes"
	"cmp"
	"container/heap"
	"slices"
)

// A step is one certificate at the upper end of one candidate path.
type step struct {
	at     *Entry
	below  *step // toward the leaf; nil at the leaf
	depth  int
	ended  bool      // nothing follows: an anchor, or a dead end
	anchor bool      // it ended at an upload that a path may end at
	found  []finding // what is wrong with this certificate and the link below it
	cost   int       // the weight of all findings from the leaf up to here
	serial int       // order of discovery
}

// path lists the certificates from the leaf up to the step.
func (s *step) path() []*Entry { return s.pathInto(nil) }

// pathInto is [step.path] in the room of a slice that is needed no more.
func (s *step) pathInto(room []*Entry) []*Entry {
	path := slices.Grow(room[:0], s.depth+2)[:s.depth+1]
	for at := s; at != nil; at = at.below {
		path[at.depth] = at.at
	}
	return path
}

// findings lists what is wrong along the path, from the leaf up.
func (s *step) findings() []finding {
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
	case len(s.at.Uploaded) > 0:
		return 1
	default:
		return 2
	}
}

// circles reports whether the path has a certificate of the candidate's subject,
// key and alternative names, as crypto/x509 asks: it would go in a circle.
func (s *step) circles(candidate *Entry) bool {
	for at := s; at != nil; at = at.below {
		if at.at == candidate || bytes.Equal(at.at.RawSubject, candidate.RawSubject) &&
			bytes.Equal(at.at.RawSubjectPublicKeyInfo, candidate.RawSubjectPublicKeyInfo) &&
			bytes.Equal(extension(at.at.Certificate, oidAlternativeNames), extension(candidate.Certificate, oidAlternativeNames)) {
			return true
		}
	}
	return false
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
func (f *frontier) Push(s any)   { *f = append(*f, s.(*step)) } //nolint:forcetypeassert // only search calls Push
func (f *frontier) Pop() any {
	last := (*f)[len(*f)-1]
	*f = (*f)[:len(*f)-1]
	return last
}

// A search looks for candidate paths: chains of names from the leaf up, whether
// or not they hold, ordered by how much is wrong with them.
//
//	         leaf            each arrow is a name that matches; a candidate
//	        /    \           ends at an anchor, or where no certificate that
//	  issuing    issuing~2   is available has the issuer's name. The cheapest
//	   /    \        |       waiting step is always taken next, and no finding
//	root  (gone)   root~2    costs less than nothing: so candidates come out
//	                         best first, and the search can stop after a few.
type search struct {
	q       *question
	waiting frontier
	taken   int // steps, see maxSteps
	matched int // names, see maxMatches
	serial  int
	room    []*Entry // for the path that is being extended
}

func (s *search) exhausted() bool { return s.taken >= maxSteps || s.matched >= maxMatches }

// candidates returns up to maxCandidates ends of candidate paths, the best
// first: there is always one.
func candidates(q *question) []*step {
	s := &search{q: q, waiting: make(frontier, 0, 8), room: make([]*Entry, 0, 8)}
	s.push(nil, q.pool.leaf, append(s.room, q.pool.leaf))
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
			q.budget.reach(boundSteps)
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
	reached := ancestors(s.q.pool)
	for e := range reached {
		if len(e.Uploaded) > 0 {
			return at
		}
	}
	ended := *at
	ended.found = append(slices.Clip(at.found), about(s.q.pool.leaf, NoUploadReached, Error,
		sayf("going by names, %d certificates lead up from it, and none of them is uploaded", len(reached)-1),
		sayf("upload one of the CAs that it leads to, or its root")))
	return &ended
}

// push adds a step to those that wait: the last certificate of path, on top of
// below, which is nil for the leaf.
func (s *search) push(below *step, at *Entry, path []*Entry) {
	if len(s.waiting) >= maxQueue {
		s.q.budget.reach(boundSteps)
		return
	}
	next := &step{at: at, below: below, serial: s.serial}
	if below != nil {
		next.depth, next.cost = below.depth+1, below.cost
	}
	next.found = findOnCertificate(s.q, path, next.depth)
	for _, f := range next.found {
		next.cost += weight(f)
	}
	s.serial++
	heap.Push(&s.waiting, next)
}

// end puts a step back as the end of a candidate, with what is wrong there.
func (s *search) end(at *step, anchor bool, found ...finding) {
	ended := *at
	ended.ended, ended.anchor = true, anchor
	ended.found = append(slices.Clip(at.found), found...)
	for _, f := range found {
		ended.cost += weight(f)
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
		s.end(at, false, gapFindings(s.q, at)...)
		return
	}
	s.room = at.pathInto(s.room)
	for _, issuer := range issuers {
		s.push(at, issuer, append(s.room, issuer))
	}
}

// endsAtUpload ends the path if it arrived at an upload where paths end, or
// where they might have.
func (s *search) endsAtUpload(at *step) bool {
	if len(at.at.Uploaded) == 0 {
		return false
	}
	anchor := s.q.profile.isAnchor(at.at)
	// Where uploads do not help, nobody looks beyond one: a path that arrives at one
	// which is not a CA ends there as well, with what was found already.
	if !anchor && (s.q.profile.uploadsHelp || at.depth == 0) {
		return false
	}
	s.end(at, anchor, findRules(s.q, wholePath, at.path())...)
	return true
}

// issuers lists the certificates that the path can go on to: those whose key
// made the signature, or, if there are none, all that have the issuer's name.
func (s *search) issuers(at *step) []*Entry {
	var signers, namesakes []*Entry
	matching := s.q.pool.namedAs(at.at.RawIssuer)
	s.matched += len(matching)
	for _, e := range byKeyID(at.at, matching) {
		switch {
		case at.circles(e):
		case checkLink(s.q, at.at, e) == linkGood:
			signers = append(signers, e)
		default:
			namesakes = append(namesakes, e)
		}
	}
	if len(signers) > 0 {
		return signers
	}
	// A certificate that ends itself has no other issuer to look for.
	if s.q.profile.endsItself(at.at) {
		return nil
	}
	return namesakes
}

// byKeyID puts the certificates that have the key which the child names before
// those that name none, and those before all others.
func byKeyID(child *Entry, issuers []*Entry) []*Entry {
	if len(issuers) < 2 {
		return issuers
	}
	ordered := slices.Clone(issuers)
	slices.SortStableFunc(ordered, func(a, b *Entry) int { return keyRank(child, a) - keyRank(child, b) })
	return ordered
}

func keyRank(child, issuer *Entry) int {
	switch {
	case keyIDsAgree(child.Certificate, issuer.Certificate):
		return 0
	case !keyIDsDiffer(child.Certificate, issuer.Certificate):
		return 1
	default:
		return 2
	}
}

package trust

import (
	"cmp"
	"crypto/x509"
	"slices"
	"strings"
	"time"
)

// A Chain is what one peer of a fleet presents, leaf first, by a name.
type Chain struct {
	Name      string
	Presented []*x509.Certificate
	// Unreadable says why a certificate could not be read that is nil in Presented,
	// by its index from 0.
	Unreadable map[int]error
}

// A Fleet is the outcome of [EvaluateFleet].
type Fleet struct {
	// Verifier is how findings name the verifier, and At the instant of the
	// judgement.
	Verifier string
	At       time.Time
	// Uploads are the distinct uploads that can be read, in their order.
	Uploads []*x509.Certificate
	// Members has each chain once, ordered by name; numbers within names count as
	// numbers.
	Members []Member
}

// A Member is one chain of a fleet with its verdict.
type Member struct {
	Name string
	Leaf *x509.Certificate // nil where it cannot be read
	// Intermediates are the certificates presented after the leaf.
	Intermediates []*x509.Certificate
	Trusted       bool
	Mode          Mode
	// Path is the accepted path, leaf to anchor; nil when not trusted.
	Path []*x509.Certificate
	// Errors are the findings that refuse it; none when trusted.
	Errors []Finding
	// ValidUntil is the earliest NotAfter along Path, and Ends the certificate that
	// has it; zero and nil when not trusted.
	ValidUntil time.Time
	Ends       *x509.Certificate
}

// Trusted reports whether every chain is trusted; true for no chain.
func (f Fleet) Trusted() bool {
	return !slices.ContainsFunc(f.Members, func(m Member) bool { return !m.Trusted })
}

// FirstEnd returns the trusted member that is refused first if nobody does
// anything, the first by name of several; nil if none is trusted.
func (f Fleet) FirstEnd() *Member {
	var first *Member
	for i := range f.Members {
		if m := &f.Members[i]; m.Trusted && (first == nil || m.ValidUntil.Before(first.ValidUntil)) {
			first = m
		}
	}
	return first
}

// EndingWith counts the trusted members that end at the instant of one of them,
// itself included.
func (f Fleet) EndingWith(one Member) int {
	count := 0
	for _, m := range f.Members {
		if m.Trusted && m.ValidUntil.Equal(one.ValidUntil) {
			count++
		}
	}
	return count
}

// Codes lists the codes of what refuses a member, each once; none when trusted.
func (m Member) Codes() []Code {
	var codes []Code
	for _, finding := range m.Errors {
		if !slices.Contains(codes, finding.Code) {
			codes = append(codes, finding.Code)
		}
	}
	return codes
}

// EvaluateFleet judges many chains by the same uploads: each verdict is that of
// [Evaluate]. What is the same for many is done once: a signature between two
// CAs is verified once for all chains that lead over it, and of many uploads
// each chain is shown those that its names lead to, so that the work grows with
// the number of chains and not with that of chains times uploads.
func EvaluateFleet(anchors []*x509.Certificate, chains []Chain, options Options) Fleet {
	profile, _ := profileOf(options.Verifier)
	options.shared = &sharedWork{certificates: map[string]*x509.Certificate{}, links: map[[2]*x509.Certificate]linkState{}}
	uploads := newUploadIndex(anchors, options)
	fleet := Fleet{Verifier: profile.title, At: options.At.Truncate(time.Second), Uploads: uploads.distinct, Members: make([]Member, 0, len(chains))}
	for _, chain := range chains {
		presented := slices.Clone(chain.Presented)
		for i := 1; i < len(presented); i++ {
			presented[i] = options.shared.once(presented[i])
		}
		each := options
		each.UnreadablePresented = chain.Unreadable
		fleet.Members = append(fleet.Members, memberOf(chain.Name, presented, Evaluate(uploads.near(presented), presented, each)))
	}
	slices.SortStableFunc(fleet.Members, func(a, b Member) int { return CompareNames(a.Name, b.Name) })
	return fleet
}

func memberOf(name string, presented []*x509.Certificate, verdict Verdict) Member {
	m := Member{Name: name, Trusted: verdict.Trusted, Mode: verdict.Mode, Path: verdict.Path, ValidUntil: verdict.ValidUntil}
	if len(presented) > 0 {
		m.Leaf = presented[0]
		m.Intermediates = slices.DeleteFunc(presented[1:], func(c *x509.Certificate) bool { return c == nil })
	}
	for _, certificate := range verdict.Path {
		if m.Ends == nil || certificate.NotAfter.Before(m.Ends.NotAfter) {
			m.Ends = certificate
		}
	}
	for _, finding := range verdict.Findings {
		if finding.Severity == Error {
			m.Errors = append(m.Errors, finding)
		}
	}
	return m
}

// sharedWork is what the chains of a fleet have in common.
type sharedWork struct {
	certificates map[string]*x509.Certificate // each once, by its DER
	links        map[[2]*x509.Certificate]linkState
}

// once returns the one certificate that stands for all of the same bytes.
func (s *sharedWork) once(certificate *x509.Certificate) *x509.Certificate {
	if !usable(certificate) {
		return certificate
	}
	known, ok := s.certificates[string(certificate.Raw)]
	if !ok {
		known = certificate
		s.certificates[string(certificate.Raw)] = known
	}
	return known
}

// signature asks the verifier about a link, and about one between two CAs of a
// fleet only once. A leaf's own signature is its own.
func (q *question) signature(child, issuer *Entry) linkState {
	if q.shared == nil || child == q.pool.leaf {
		return q.profile.signature(child, issuer)
	}
	l := [2]*x509.Certificate{child.Certificate, issuer.Certificate}
	state, known := q.shared.links[l]
	if !known {
		state = q.profile.signature(child, issuer)
		q.shared.links[l] = state
	}
	return state
}

// manyUploads is from how many uploads on a chain is shown only those that
// concern it, and manyNamesakes how many of one name that only explain.
const (
	manyUploads   = 32
	manyNamesakes = 8
)

// An uploadIndex finds the uploads that a chain may lead to.
type uploadIndex struct {
	all         []*x509.Certificate // as they were given
	distinct    []*x509.Certificate
	firstUsable int              // 0 where none is
	byRaw       map[string]int   // the first index of each
	bySubject   map[string][]int // by canonical name, which is the widest reading of it
	byKeyID     map[string][]int
}

func newUploadIndex(anchors []*x509.Certificate, options Options) *uploadIndex {
	index := &uploadIndex{all: make([]*x509.Certificate, 0, len(anchors)), byRaw: map[string]int{}, bySubject: map[string][]int{}, byKeyID: map[string][]int{}}
	for i, anchor := range anchors {
		anchor = options.shared.once(anchor)
		index.all = append(index.all, anchor)
		if !usable(anchor) {
			continue
		}
		if _, known := index.byRaw[string(anchor.Raw)]; known {
			continue
		}
		if len(index.distinct) == 0 {
			index.firstUsable = i
		}
		index.byRaw[string(anchor.Raw)] = i
		index.distinct = append(index.distinct, anchor)
		name := canonicalName(anchor.RawSubject)
		index.bySubject[name] = append(index.bySubject[name], i)
		if len(anchor.SubjectKeyId) > 0 {
			index.byKeyID[string(anchor.SubjectKeyId)] = append(index.byKeyID[string(anchor.SubjectKeyId)], i)
		}
	}
	return index
}

// near lists the uploads that a verdict on what is presented can depend on, in
// their order: those of the same bytes or the leaf's name, the issuers by name or
// key as far up as uploads lead, and the first one, which some verifiers compare
// with. Of few uploads it lists all. Only the first can be one that was not read,
// so that the reasons for that keep their indexes.
func (x *uploadIndex) near(presented []*x509.Certificate) []*x509.Certificate {
	if len(x.all) <= manyUploads {
		return x.all
	}
	chosen := map[int]bool{0: true, x.firstUsable: true}
	var reached []*x509.Certificate // whose issuers are still to be looked for
	choose := func(indexes []int) {
		for _, i := range indexes {
			if !chosen[i] {
				chosen[i] = true
				reached = append(reached, x.all[i])
			}
		}
	}
	for i, certificate := range presented {
		if !usable(certificate) {
			continue
		}
		reached = append(reached, certificate)
		if same, known := x.byRaw[string(certificate.Raw)]; known {
			choose([]int{same})
		}
		if i == 0 {
			namesakes := x.bySubject[canonicalName(certificate.RawSubject)]
			choose(namesakes[:min(manyNamesakes, len(namesakes))])
		}
	}
	for len(reached) > 0 {
		at := reached[0]
		reached = reached[1:]
		choose(x.issuersOf(at))
	}
	indexes := make([]int, 0, len(chosen))
	for i := range chosen {
		indexes = append(indexes, i)
	}
	slices.Sort(indexes)
	var near []*x509.Certificate
	for _, i := range indexes {
		near = append(near, x.all[i])
	}
	return near
}

// issuersOf lists the uploads that may have issued a certificate. One that ends
// itself has no other issuer, unless its own key did not sign it: a few of its
// namesakes are enough to say so.
func (x *uploadIndex) issuersOf(certificate *x509.Certificate) []int {
	named := x.bySubject[canonicalName(certificate.RawIssuer)]
	if endsItself(certificate) {
		named = named[:min(manyNamesakes, len(named))]
	}
	return slices.Concat(named, x.byKeyID[string(certificate.AuthorityKeyId)])
}

// CompareNames orders names so that fra-2 comes before fra-10.
func CompareNames(a, b string) int {
	x, y := a, b
	for x != "" && y != "" {
		numberX, restX := leadingNumber(x)
		numberY, restY := leadingNumber(y)
		switch {
		case numberX != "" && numberY != "":
			if c := cmp.Or(cmp.Compare(len(numberX), len(numberY)), cmp.Compare(numberX, numberY)); c != 0 {
				return c
			}
			x, y = restX, restY
		case x[0] != y[0]:
			return cmp.Compare(x[0], y[0])
		default:
			x, y = x[1:], y[1:]
		}
	}
	return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(a, b))
}

// leadingNumber cuts the digits off that a text begins with, without zeros in
// front.
func leadingNumber(text string) (number, rest string) {
	rest = strings.TrimLeft(text, "0123456789")
	digits := text[:len(text)-len(rest)]
	if number = strings.TrimLeft(digits, "0"); number == "" && digits != "" {
		number = "0"
	}
	return number, rest
}

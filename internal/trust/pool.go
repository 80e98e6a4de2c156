package trust

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// An Entry is one distinct certificate, with every place in which it was found.
type Entry struct {
	*x509.Certificate
	// Presented are its positions in the presented chain, and Uploaded those among
	// the uploads: from 1, ascending.
	Presented []int
	Uploaded  []int
}

// Place says where the certificate was found: "presented 2 and uploaded 1".
func (e *Entry) Place() string {
	switch {
	case len(e.Presented) > 0 && len(e.Uploaded) > 0:
		return fmt.Sprintf("presented %d and uploaded %d", e.Presented[0], e.Uploaded[0])
	case len(e.Presented) > 0:
		return fmt.Sprintf("presented %d", e.Presented[0])
	default:
		return fmt.Sprintf("uploaded %d", e.Uploaded[0])
	}
}

// String is the certificate's subject, short, for use within a sentence.
func (e *Entry) String() string { return pki.SubjectOf(e.Certificate) }

// A placed entry is written with its place and its fingerprint.
type placed Entry

// String is "presented 2: CN=issuing (sha256 1f0c93ab04d2)".
func (p *placed) String() string { return (*Entry)(p).Place() + ": " + pki.Describe(p.Certificate) }

// inPlace is the entry as a message names it where its place matters.
func inPlace(e *Entry) *placed { return (*placed)(e) }

// A pool is every certificate that is available.
type pool struct {
	all       []*Entry // presented ones first, each list in its order
	room      []Entry  // made for all of them at once, and never grown
	leaf      *Entry   // the first presented; nil if there is none
	byRaw     map[string]*Entry
	bySubject map[string][]*Entry // in the order of all; see namedAs
	reading   reading
	keys      map[string]string // what nameKey says of names in DER
	aliases   map[string]*Entry // see otherwiseNamed
	unusable  []unusable        // what is not a parsed certificate
	uploads   int               // usable ones
	dropped   int               // presented certificates beyond maxPresented
}

func newPool(anchors, presented []*x509.Certificate, options Options, reading reading) *pool {
	p := &pool{reading: reading}
	if len(presented) > maxPresented {
		p.dropped = len(presented) - maxPresented
		presented = presented[:maxPresented]
	}
	most := len(presented) + len(anchors)
	p.byRaw, p.all, p.room = make(map[string]*Entry, most), make([]*Entry, 0, most), make([]Entry, 0, most)
	positions := make([]int, most)
	for i, certificate := range presented {
		positions[i] = i + 1
		if e := p.add(certificate, "presented", i+1, options.UnreadablePresented); e != nil {
			e.Presented = joined(e.Presented, positions[i:i+1:i+1])
		}
	}
	positions = positions[len(presented):]
	for i, certificate := range anchors {
		positions[i] = i + 1
		if e := p.add(certificate, "uploaded", i+1, options.UnreadableAnchors); e != nil {
			e.Uploaded = joined(e.Uploaded, positions[i:i+1:i+1])
			p.uploads++
		}
	}
	if len(presented) > 0 && usable(presented[0]) {
		p.leaf = p.of(presented[0])
	}
	return p
}

// joined appends a position, without an allocation for the first.
func joined(list, position []int) []int {
	if len(list) == 0 {
		return position
	}
	return append(list, position...)
}

// usable reports whether a certificate came out of a parser.
func usable(certificate *x509.Certificate) bool {
	return certificate != nil && len(certificate.Raw) > 0 && certificate.SerialNumber != nil
}

// unusable is a place in a list without a certificate, and why if that is known.
type unusable struct {
	place string
	why   error
}

func (p *pool) add(certificate *x509.Certificate, list string, position int, unreadable map[int]error) *Entry {
	if !usable(certificate) {
		p.unusable = append(p.unusable, unusable{fmt.Sprintf("%s %d", list, position), unreadable[position-1]})
		return nil
	}
	e, ok := p.byRaw[string(certificate.Raw)]
	if !ok {
		p.room = append(p.room, Entry{Certificate: certificate})
		e = &p.room[len(p.room)-1]
		p.byRaw[string(certificate.Raw)] = e
		p.all = append(p.all, e)
	}
	return e
}

// of finds the entry of a certificate that is in the pool.
func (p *pool) of(certificate *x509.Certificate) *Entry { return p.byRaw[string(certificate.Raw)] }

// upload finds the upload at a position from 1; nil if that one is unusable.
func (p *pool) upload(position int) *Entry {
	for _, e := range p.all {
		if slices.Contains(e.Uploaded, position) {
			return e
		}
	}
	return nil
}

// presented finds what is presented at a position from 1; nil if there is nothing
// usable.
func (p *pool) presented(position int) *Entry {
	at := slices.IndexFunc(p.all, func(e *Entry) bool { return slices.Contains(e.Presented, position) })
	if at < 0 {
		return nil
	}
	return p.all[at]
}

// namedAs lists the entries of a subject, given in DER.
func (p *pool) namedAs(subject []byte) []*Entry {
	if p.bySubject == nil {
		p.bySubject = make(map[string][]*Entry, len(p.all))
		for _, e := range p.all {
			key := p.nameKey(e.RawSubject)
			p.bySubject[key] = append(p.bySubject[key], e)
		}
	}
	if p.reading.nameKey == nil {
		return p.bySubject[string(subject)]
	}
	return p.bySubject[p.nameKey(subject)]
}

// nameKey is that of the verifier's reading.
func (p *pool) nameKey(name []byte) string {
	if p.reading.nameKey == nil {
		return string(name)
	}
	key, known := p.keys[string(name)]
	if !known {
		key = p.reading.nameKey(name)
		if p.keys == nil {
			p.keys = make(map[string]string, 2*len(p.all))
		}
		p.keys[string(name)] = key
	}
	return key
}

// sameNames reports whether two names, given in DER, are one to the verifier.
func (p *pool) sameNames(a, b []byte) bool {
	return bytes.Equal(a, b) || p.reading.nameKey != nil && p.nameKey(a) == p.nameKey(b)
}

// namesIssuer reports whether the child names the issuer, by its name and, as
// far as both have one, by its identifiers.
func (p *pool) namesIssuer(child, issuer *Entry) bool {
	return p.sameNames(child.RawIssuer, issuer.RawSubject) && p.reading.identifiersAgree(child, issuer)
}

// otherwiseNamed finds a CA that has the key which the child names as its
// issuer's, or the issuer's name in other letters, but does not have that name
// byte for byte; nil if there is none.
func (p *pool) otherwiseNamed(child *Entry) *Entry {
	if p.aliases == nil {
		p.aliases = map[string]*Entry{}
		for _, e := range slices.Backward(p.all) {
			if marksCA(e.Certificate) {
				p.aliases["key "+string(e.SubjectKeyId)] = e
				p.aliases["name "+canonicalName(e.RawSubject)] = e
			}
		}
	}
	var found *Entry
	if len(child.Issuer.Names) > 0 {
		found = p.aliases["name "+canonicalName(child.RawIssuer)]
	}
	if same, ok := p.aliases["key "+string(child.AuthorityKeyId)]; ok && len(child.AuthorityKeyId) > 0 {
		found = same
	}
	if found == child {
		return nil
	}
	return found
}

// names joins the names of a path as its tree would: "edge <- issuing <- root".
func names(path []*Entry) string {
	parts := make([]string, len(path))
	for i, e := range path {
		parts[i] = e.String()
	}
	return strings.Join(parts, " <- ")
}

package trust

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"slices"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// Which revocation list OpenSSL goes by for a certificate (x509_vfy.c and x_crl.c
// of 3.0), without support for indirect lists, changes and reasons
// (X509_V_FLAG_EXTENDED_CRL_SUPPORT), for which none of the programs here asks.

// oidIssuingDistributionPoint is what a list says of what it covers (RFC 5280,
// 5.2.5).
const oidIssuingDistributionPoint = "2.5.29.28"

// A listFit is how well a list fits a certificate, the better the higher
// (CRL_SCORE_*).
type listFit int

const (
	fitsWay    listFit = 0x008 // made by a CA further up, of the issuer's name
	fitsIssuer listFit = 0x018 // made by the issuer itself
	fitsTime   listFit = 0x040 // in date
	fitsScope  listFit = 0x080 // covers the certificate
	fitsKnown  listFit = 0x100 // has no critical extension that is not understood
)

// reasons are those for which a certificate may be revoked (RFC 5280, 4.2.1.13),
// as the bits of the first two bytes of ReasonFlags.
type reasons uint16

const allReasons reasons = 0x807f // CRLDP_ALL_REASONS

// A chosenList is a list with what makes it fit.
type chosenList struct {
	numbered
	scope   listScope
	issuer  *Entry // whose key has to have signed it
	score   listFit
	reasons reasons // that it covers; none if not the certificate
}

// chooseList is the list that OpenSSL goes by for path[at] (get_crl_sk): the one
// that fits best, of equal ones the newest, then the first. Whether it is signed
// is asked afterwards. covered are the reasons that earlier lists cover.
func chooseList(q *question, path []*Entry, at int, covered reasons) (best chosenList, there bool) {
	for i, list := range q.RevocationLists {
		if list == nil || len(list.Raw) == 0 || !q.pool.sameNames(list.RawIssuer, path[at].RawIssuer) {
			continue
		}
		next, fits := fitList(q, numbered{list, i + 1}, path, at, covered)
		if fits && (!there || next.score > best.score || next.score == best.score && list.ThisUpdate.After(best.ThisUpdate)) {
			best, there = next, true
		}
	}
	return best, there
}

// fitList is get_crl_score.
func fitList(q *question, list numbered, path []*Entry, at int, covered reasons) (chosenList, bool) {
	l := chosenList{numbered: list, scope: scopeOf(q, list.RevocationList)}
	if l.scope.invalid || l.scope.indirect || l.scope.someReasons || l.scope.delta || !l.findIssuer(q, path, at) {
		return l, false
	}
	if !l.scope.critical {
		l.score |= fitsKnown
	}
	if !q.At.Before(list.ThisUpdate) && (list.NextUpdate.IsZero() || q.At.Before(list.NextUpdate)) {
		l.score |= fitsTime
	}
	if covers, is := l.scope.covers(path[at]); is {
		if covers&^covered == 0 {
			return l, false
		}
		l.score, l.reasons = l.score|fitsScope, covers
	}
	return l, true
}

// findIssuer finds the certificate whose key has to have signed the list
// (crl_akid_check): the next of the path, or one of that name further up. False if
// the list names another key.
func (l *chosenList) findIssuer(q *question, path []*Entry, at int) bool {
	named, _ := readAuthorityKey(listExtension(l.RevocationList, oidAuthorityKeyID))
	fits := func(issuer *Entry) bool {
		return (len(l.AuthorityKeyId) == 0 || len(issuer.SubjectKeyId) == 0 || bytes.Equal(l.AuthorityKeyId, issuer.SubjectKeyId)) && named.fits(issuer)
	}
	next := min(at+1, len(path)-1)
	if fits(path[next]) {
		l.issuer, l.score = path[next], fitsIssuer
		return true
	}
	for _, further := range path[next+1:] {
		if q.pool.sameNames(further.RawSubject, l.RawIssuer) && fits(further) {
			l.issuer, l.score = further, fitsWay
			return true
		}
	}
	return false
}

// A listScope is what a list says of which certificates it is for (RFC 5280,
// 5.2.4 and 5.2.5).
type listScope struct {
	invalid               bool // it contradicts itself
	users, cas, attribute bool // for such certificates only
	indirect, someReasons bool
	points                [][]byte // the names of its distribution point, in DER; none if it names none
	delta                 bool     // it has only changes
	critical              bool     // something critical in it is not understood
}

// scopeOf reads what a list says of that, once.
func scopeOf(q *question, list *x509.RevocationList) listScope {
	if s, known := q.scopes[list]; known {
		return s
	}
	s := listScope{delta: listExtension(list, oidDeltaList) != nil, critical: pki.CriticalEntries(list)}
	for _, e := range list.Extensions {
		s.critical = s.critical || e.Critical && !slices.Contains([]string{oidIssuingDistributionPoint, oidDeltaList, oidAuthorityKeyID}, e.Id.String())
	}
	fields, _ := elements(listExtension(list, oidIssuingDistributionPoint))
	for _, field := range fields {
		s.read(field)
	}
	s.invalid = s.users && s.cas || s.users && s.attribute || s.cas && s.attribute
	if q.scopes == nil {
		q.scopes = map[*x509.RevocationList]listScope{}
	}
	q.scopes[list] = s
	return s
}

// read reads a field of an issuing distribution point.
func (s *listScope) read(field asn1.RawValue) {
	is := len(field.Bytes) == 1 && field.Bytes[0] != 0
	switch field.Tag {
	case 0:
		s.points = pointNames(field)
	case 1:
		s.users = is
	case 2:
		s.cas = is
	case 3:
		s.someReasons = true
	case 4:
		s.indirect = is
	case 5:
		s.attribute = is
	}
}

// listExtension is the value of a list's extension; nil if it has none.
func listExtension(list *x509.RevocationList, id string) []byte {
	for _, e := range list.Extensions {
		if isObject(e.Id, id) {
			return e.Value
		}
	}
	return nil
}

// covers says for which reasons the list covers a certificate (crl_crldp_check).
func (s listScope) covers(e *Entry) (reasons, bool) {
	if !s.kindOf(e) {
		return 0, false
	}
	for _, point := range pointsOf(e) {
		if s.points == nil || point.names == nil || slices.ContainsFunc(point.names, func(name []byte) bool {
			return slices.ContainsFunc(s.points, func(other []byte) bool { return bytes.Equal(name, other) })
		}) {
			return point.reasons, true
		}
	}
	return allReasons, s.points == nil
}

// kindOf reports whether the list is of certificates of that kind.
func (s listScope) kindOf(e *Entry) bool {
	isCA := marksCA(e.Certificate)
	return !s.attribute && (!s.users || !isCA) && (!s.cas || isCA)
}

// A listPoint is a place where a certificate says that its issuer's lists are
// (RFC 5280, 4.2.1.13).
type listPoint struct {
	names   [][]byte // in DER; nil for none
	reasons reasons
}

// pointsOf reads those of a certificate. One that names another issuer of its
// lists counts for none: lists that are indirect are not supported.
func pointsOf(e *Entry) []listPoint {
	const name, why, otherIssuer = 0, 1, 2
	sequence, _ := elements(extension(e.Certificate, oidCRLDistributionPoints))
	var points []listPoint
	for _, der := range sequence {
		fields, _ := elements(der.FullBytes)
		point, own := listPoint{reasons: allReasons}, true
		for _, field := range fields {
			switch field.Tag {
			case name:
				point.names = pointNames(field)
			case why:
				point.reasons = readReasons(field.Bytes)
			case otherIssuer:
				own = false
			}
		}
		if own {
			points = append(points, point)
		}
	}
	return points
}

// pointNames reads a DistributionPointName: each of its full names. A name that is
// relative to the issuer is one that equals no full name.
func pointNames(point asn1.RawValue) [][]byte {
	choice, _ := elements(point.FullBytes)
	names := [][]byte{}
	for _, c := range choice {
		full, _ := elements(c.FullBytes)
		for _, name := range full {
			names = append(names, name.FullBytes)
		}
	}
	return names
}

// readReasons reads the content of a ReasonFlags.
func readReasons(bits []byte) reasons {
	var read reasons
	if len(bits) > 1 {
		read = reasons(bits[1])
	}
	if len(bits) > 2 {
		read |= reasons(bits[2]) << 8
	}
	return read & allReasons
}

package trust

import (
	"crypto/x509"
	"slices"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// statusKnownOfAll judges a path as OpenSSL does with revocation lists for every
// certificate (X509_V_FLAG_CRL_CHECK_ALL): once there is any list, each
// certificate of the path needs a current one of its issuer, the root itself too,
// or everybody is refused. Of several lists only one counts, as OpenSSL chooses
// it: see [chooseList].
func statusKnownOfAll(q *question, path []*Entry, _ int) []finding {
	if len(q.RevocationLists) == 0 {
		return nil
	}
	var found []finding
	for at, e := range path {
		if at == len(path)-1 && !q.profile.endsItself(e) {
			return found // the path ends where the issuer is missing
		}
		for _, f := range statusKnown(q, path, at) {
			if f.entry != nil || !slices.ContainsFunc(found, f.sameMatter) { // a list is reported once
				found = append(found, f)
			}
		}
	}
	return append(found, listsOfNobody(q, path)...)
}

// statusKnown is what OpenSSL finds of the lists for path[at] (check_cert): one
// list after the other until all reasons for a revocation are covered.
func statusKnown(q *question, path []*Entry, at int) []finding {
	var found []finding
	for covered := reasons(0); covered != allReasons; {
		list, there := chooseList(q, path, at, covered)
		if !there {
			found = append(found, noList(q, path, at, covered))
			break
		}
		found = append(found, list.faults(q, path[at])...)
		if list.reasons|covered == covered {
			break // what OpenSSL says next is said already: it does not cover this one
		}
		covered |= list.reasons
	}
	for i := range found {
		found[i].asked, found[i].turn = path[at], i
	}
	return found
}

// noList is about a certificate for which no list counts.
func noList(q *question, path []*Entry, at int, covered reasons) finding {
	e, name := path[at], pki.WriteName(path[at].RawIssuer)
	detail := sayf("there are revocation lists, and none of its issuer %s: whether it is revoked is not known", name)
	named := slices.IndexFunc(q.RevocationLists, func(list *x509.RevocationList) bool {
		return list != nil && len(list.Raw) > 0 && q.pool.sameNames(list.RawIssuer, e.RawIssuer)
	})
	switch {
	case covered != 0:
		detail = sayf("the lists of its issuer %s cover only some of the reasons for which it points to lists: whether it is revoked for another one is not known", name)
	case named >= 0:
		list := numbered{q.RevocationLists[named], named + 1}
		why := "it names another key as its issuer's"
		switch scope := scopeOf(q, list.RevocationList); {
		case scope.delta:
			why = partial(oidDeltaList)
		case scope.indirect || scope.someReasons || scope.invalid:
			why = "its issuing distribution point makes it indirect, restricts it to some reasons or contradicts itself, which OpenSSL does not support"
		}
		detail = sayf("%s does not count: %s; whether it is revoked is not known", list, why)
	case len(q.UnreadableRevocationLists) > 0:
		detail = sayf("there is no list of its issuer %s among those that can be read: whether it is revoked is not known", name)
	}
	return about(e, RevocationUnknown, Error, detail, sayf("add the current list of %s: with lists, %s needs one of every CA on the path", name, q.profile.title))
}

// faults is what OpenSSL finds wrong with the chosen list, and on it, in its order
// (check_crl, cert_crl).
func (l chosenList) faults(q *question, e *Entry) []finding {
	unknown := func(number int, why message) finding {
		f := about(e, RevocationUnknown, Error, sayf("%s: %s; whether it is revoked is not known", l.numbered, why),
			sayf("provide the complete and current list of %s", pki.WriteName(e.RawIssuer)))
		f.openSSL = number
		return f
	}
	var found []finding
	if !maySignLists(l.issuer) {
		found = append(found, unknown(35, sayf("%s may not sign lists (its key usage lacks cRLSign)", inPlace(l.issuer))))
	}
	if l.score&fitsScope == 0 {
		found = append(found, l.otherScope(e))
	}
	found = append(found, l.outOfDate(q)...)
	switch signedListState(q, l.RevocationList, l.issuer) {
	case linkGood:
	case linkUnchecked:
		found = append(found, about(e, RevocationUnknown, Error, sayf("%s: its signature is of a kind that cannot be checked here", l.numbered), sayf("have it signed with ECDSA or PKCS #1 v1.5")))
	default:
		found = append(found, unknown(8, sayf("it is not signed with the key of %s", inPlace(l.issuer))))
	}
	if l.score&fitsKnown == 0 {
		found = append(found, unknown(36, sayf("it has a critical extension that OpenSSL does not understand")))
	}
	if listed(q, l.RevocationList, e) {
		found = append(found, revoked(l.numbered, e))
	}
	return found
}

// otherScope is about a certificate that the list does not cover.
func (l chosenList) otherScope(e *Entry) finding {
	f := about(e, RevocationScope, Error,
		sayf("%s says that it is only of certificates of another kind (issuing distribution point), so whether it is revoked is not known", l.numbered),
		sayf("provide the complete list of %s", pki.WriteName(e.RawIssuer)))
	if l.scope.points != nil && l.scope.kindOf(e) {
		f.detail = sayf("%s says that it is of a place (issuing distribution point) that it does not name in its crlDistributionPoints, so whether it is revoked is not known", l.numbered)
		f.hint = sayf("issue it with the list's URL in crl_distribution_points, or have the list of %s made without an issuing distribution point", pki.WriteName(e.RawIssuer))
	}
	f.openSSL = 44
	return f
}

// outOfDate is about a list out of its time. OpenSSL does not count the last
// second.
func (l chosenList) outOfDate(q *question) []finding {
	if l.score&fitsTime != 0 {
		return nil
	}
	found := outOfDate(q, l.numbered)
	if q.At.Equal(l.NextUpdate) {
		found = append(found, l.warning(RevocationListStale, sayf("the next list is due %s, and OpenSSL does not count the last second", q.stamp(l.NextUpdate)), message{}))
	}
	for i := range found {
		found[i].severity, found[i].openSSL = Error, 12
		if q.At.Before(l.ThisUpdate) {
			found[i].openSSL = 11
		}
		found[i].hint = sayf("replace it with the current list of %s: with a stale one, %s refuses everybody", pki.WriteName(l.RawIssuer), q.profile.title)
	}
	return found
}

// listsOfNobody warns of lists that no CA of the path made.
func listsOfNobody(q *question, path []*Entry) []finding {
	var found []finding
	for i, list := range q.RevocationLists {
		if list == nil || len(list.Raw) == 0 || slices.ContainsFunc(path, func(e *Entry) bool { return q.pool.sameNames(list.RawIssuer, e.RawIssuer) }) {
			continue
		}
		found = append(found, numbered{list, i + 1}.warning(RevocationListForeign,
			sayf("no certificate on this path signed it, so it revokes nothing here"), sayf("remove it, if no other path needs it")))
	}
	return found
}

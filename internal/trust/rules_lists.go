package trust

import (
	"crypto/x509"
	"slices"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// statusKnownOfAll judges a path as OpenSSL does with revocation lists for every
// certificate (X509_V_FLAG_CRL_CHECK_ALL): once there is any list, each
// certificate of the path needs a current one of its issuer, the root itself too,
// or everybody is refused. Of several lists of one issuer only one counts, as
// OpenSSL chooses it.
func statusKnownOfAll(q *question, path []*Entry, _ int) []finding {
	if len(q.RevocationLists) == 0 {
		return nil
	}
	var found []finding
	for at, e := range path {
		issuer := e
		switch {
		case at+1 < len(path):
			issuer = path[at+1]
		case !q.profile.endsItself(e):
			return found // the path ends where the issuer is missing
		}
		for _, f := range statusKnown(q, e, issuer) {
			if f.entry != nil || !slices.ContainsFunc(found, f.sameMatter) { // a list is reported once
				found = append(found, f)
			}
		}
	}
	return append(found, listsOfNobody(q, path)...)
}

// statusKnown holds the list of an issuer against one certificate.
func statusKnown(q *question, e, issuer *Entry) []finding {
	list, unusable, there := currentList(q, e, issuer)
	name := pki.WriteName(e.RawIssuer)
	supply := sayf("add the current list of %s: with lists, %s needs one of every CA on the path", name, q.profile.title)
	switch {
	case !there && len(q.UnreadableRevocationLists) > 0:
		return []finding{about(e, RevocationUnknown, Error, sayf("there is no list of its issuer %s among those that can be read: whether it is revoked is not known", name), supply)}
	case !there && unusable != "":
		return []finding{about(e, RevocationUnknown, Error, sayf("the list of its issuer %s cannot be used: "+unusable, name, inPlace(issuer)), supply)}
	case !there:
		return []finding{about(e, RevocationUnknown, Error, sayf("there are revocation lists, and none of its issuer %s: whether it is revoked is not known", name), supply)}
	}
	found := outOfDate(q, list)
	for i := range found {
		found[i].severity, found[i].leaves = Error, e
		found[i].hint = sayf("replace it with the current list of %s: with a stale one, %s refuses everybody", name, q.profile.title)
	}
	found = append(found, coverage(list, e, name)...)
	if listed(q, list.RevocationList, e) {
		found = append(found, revoked(list, e))
	}
	return found
}

// listNotUnderstood is said of a list with an extension that OpenSSL does not know.
const listNotUnderstood = "%s: %s, and whether it is revoked is not known"

// coverage reports what keeps a list from saying anything of a certificate.
func coverage(list numbered, e *Entry, name string) []finding {
	complete := sayf("provide the complete list of %s", name)
	for _, extension := range list.Extensions {
		if id := extension.Id.String(); extension.Critical && id != oidIssuingDistributionPoint {
			return []finding{about(e, RevocationUnknown, Error, sayf(listNotUnderstood, list, partial(id)), complete)}
		}
	}
	scope := scopeOf(list.RevocationList)
	switch {
	case scope.covers(e):
		return nil
	case len(scope.places) > 0:
		return []finding{about(e, RevocationScope, Error,
			sayf("%s says that it is of a place (issuing distribution point) that it does not name in its crlDistributionPoints, so whether it is revoked is not known", list),
			sayf("issue it with the list's URL in crl_distribution_points, or have the list of %s made without an issuing distribution point", name))}
	default:
		return []finding{about(e, RevocationScope, Error,
			sayf("%s says that it is only of certificates of another kind (issuing distribution point), so whether it is revoked is not known", list), complete)}
	}
}

// currentList is the list of a certificate's issuer that OpenSSL goes by
// (get_crl_sk): one that it understands before others, then one that is about the
// certificate, then one in date, then the newest, then the first. there says that there
// is any, and unusable why one of the issuer's name is left aside.
func currentList(q *question, e, issuer *Entry) (best numbered, unusable string, there bool) {
	score := 0
	for i, list := range q.RevocationLists {
		if list == nil || len(list.Raw) == 0 || !q.pool.sameNames(list.RawIssuer, issuer.RawSubject) {
			continue
		}
		scope := scopeOf(list)
		switch {
		case scope.unusable:
			unusable = "that of %s is indirect, of some reasons only, or has an issuing distribution point that cannot be read"
			continue
		case !signedList(q, list, issuer):
			unusable = "it is not signed with the key of %s, or that may not sign lists (cRLSign)"
			continue
		}
		if this := listScore(q, list, scope.covers(e)); !there || this > score || this == score && list.ThisUpdate.After(best.ThisUpdate) {
			best, score, there = numbered{list, i + 1}, this, true
		}
	}
	return best, unusable, there
}

// listScore is how well a list serves, as get_crl_score ranks lists.
func listScore(q *question, list *x509.RevocationList, covers bool) int {
	score := 4
	for _, extension := range list.Extensions {
		if id := extension.Id.String(); extension.Critical && id != oidIssuingDistributionPoint && id != oidDeltaList {
			score = 0
		}
	}
	if covers {
		score += 2
	}
	if inDateAt(q, list) {
		score++
	}
	return score
}

func inDateAt(q *question, list *x509.RevocationList) bool {
	return !q.At.Before(list.ThisUpdate) && (list.NextUpdate.IsZero() || !q.At.After(list.NextUpdate))
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

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
		found = append(found, statusKnown(q, e, issuer)...)
	}
	return append(found, listsOfNobody(q, path)...)
}

// statusKnown holds the list of an issuer against one certificate.
func statusKnown(q *question, e, issuer *Entry) []finding {
	list, unsigned, there := currentList(q, issuer)
	name := pki.WriteName(e.RawIssuer)
	supply := sayf("add the current list of %s: with lists, %s needs one of every CA on the path", name, q.profile.title)
	switch {
	case !there && len(q.UnreadableRevocationLists) > 0:
		return []finding{about(e, RevocationUnknown, Error, sayf("there is no list of its issuer %s among those that can be read: whether it is revoked is not known", name), supply)}
	case !there && unsigned != nil:
		return []finding{about(e, RevocationUnknown, Error,
			sayf("the list of its issuer %s cannot be used: it is not signed with the key of %s, or that may not sign lists (cRLSign)", name, inPlace(issuer)), supply)}
	case !there:
		return []finding{about(e, RevocationUnknown, Error, sayf("there are revocation lists, and none of its issuer %s: whether it is revoked is not known", name), supply)}
	}
	found := outOfDate(q, list)
	for i := range found {
		found[i].severity, found[i].hint = Error, sayf("replace it with the current list of %s: with a stale one, %s refuses everybody", name, q.profile.title)
	}
	for _, extension := range list.Extensions {
		if extension.Critical {
			found = append(found, about(e, RevocationUnknown, Error,
				sayf("%s: %s, and whether it is revoked is not known", list, partial(extension.Id.String())), sayf("provide the complete list of %s", name)))
		}
	}
	if listed(q, list.RevocationList, e) {
		found = append(found, revoked(list, e))
	}
	return found
}

// currentList is the list of an issuer that OpenSSL goes by (get_crl_sk): one in
// date before others, then the newest, then the first. unsigned is one of the
// issuer's name that is not its own; there says that any is.
func currentList(q *question, issuer *Entry) (best numbered, unsigned *x509.RevocationList, there bool) {
	for i, list := range q.RevocationLists {
		if list == nil || len(list.Raw) == 0 || !q.pool.sameNames(list.RawIssuer, issuer.RawSubject) {
			continue
		}
		if !signedList(q, list, issuer) {
			unsigned = list
			continue
		}
		current := inDateAt(q, list)
		if !there || current && !inDateAt(q, best.RevocationList) || current == inDateAt(q, best.RevocationList) && list.ThisUpdate.After(best.ThisUpdate) {
			best, there = numbered{list, i + 1}, true
		}
	}
	return best, unsigned, there
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

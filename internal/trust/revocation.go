package trust

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"slices"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// notRevoked judges a path by the revocation lists (RFC 5280, 6.3). A list
// counts for a certificate when a certificate above it on the path has the name
// of its issuer and has signed the list, with whatever key: a CA with a new key
// revokes what its old one signed (6.3.3 (f)). That makes the outcome a property
// of the path: one more upload elsewhere cannot revoke anything.
//
// The anchor is not judged: whoever uploaded it vouches for it. A leaf that is
// its own anchor is judged as a pin is.
func notRevoked(q *question, path []*Entry, _ int) []finding {
	var found []finding
	for i, list := range q.RevocationLists {
		switch l := (numbered{list, i + 1}); {
		case list == nil || len(list.Raw) == 0:
		case len(path) == 1:
			found = append(found, pinNotRevoked(q, l, path[0])...)
		default:
			found = append(found, pathNotRevoked(q, l, path)...)
		}
	}
	if len(found) == 0 && len(path) > 1 {
		return listMissing(q, path[0])
	}
	return found
}

// listMissing warns where lists are given, and none of them is about the leaf.
// One that cannot be read might be.
func listMissing(q *question, leaf *Entry) []finding {
	if len(q.UnreadableRevocationLists) > 0 {
		return nil
	}
	given := slices.DeleteFunc(slices.Clone(q.RevocationLists), func(list *x509.RevocationList) bool { return list == nil || len(list.Raw) == 0 })
	if len(given) == 0 || slices.ContainsFunc(given, func(list *x509.RevocationList) bool { return q.pool.sameNames(list.RawIssuer, leaf.RawIssuer) }) {
		return nil
	}
	return []finding{about(leaf, RevocationListMissing, Warning,
		sayf("revocation lists are given, and none of its issuer %s: whether it is revoked is not known", pki.WriteName(leaf.RawIssuer)),
		sayf("give the current list of %s as well", pki.WriteName(leaf.RawIssuer)))}
}

// A numbered list is a revocation list with its position, from 1.
type numbered struct {
	*x509.RevocationList
	number int
}

// String is how findings name the list.
func (l numbered) String() string {
	return fmt.Sprintf("revocation list %d: %s", l.number, pki.WriteName(l.RawIssuer))
}

// warning is a finding on a list.
func (l numbered) warning(code Code, detail, hint message) finding {
	return finding{code: code, severity: Warning, subject: l.String(), detail: detail, hint: hint}
}

// pathNotRevoked holds one list against a path.
func pathNotRevoked(q *question, list numbered, path []*Entry) []finding {
	var unsigned []finding
	for depth, issuer := range path[1:] {
		if !q.pool.sameNames(list.RawIssuer, issuer.RawSubject) {
			continue
		}
		if !signedList(q, list.RevocationList, issuer) {
			unsigned = append(unsigned, whyUnsigned(list, issuer)...)
			continue
		}
		found := listAge(q, list)
		for _, child := range path[:depth+1] {
			if q.pool.sameNames(list.RawIssuer, child.RawIssuer) && listed(q, list.RevocationList, child) {
				found = append(found, revoked(list, child))
			}
		}
		return found
	}
	if last := path[len(path)-1]; !endsAtAnchor(q, last) && !q.profile.endsItself(last) && q.pool.sameNames(list.RawIssuer, last.RawIssuer) {
		return pinNotRevoked(q, list, last) // its issuer is not available, as that of a pin
	}
	if len(unsigned) > 0 {
		return unsigned[len(unsigned)-1:]
	}
	return []finding{list.warning(RevocationListForeign,
		sayf("no certificate on this path signed it, so it revokes nothing here"),
		sayf("provide the list of the CA that issued the leaf, and of each CA above it"))}
}

// endsAtAnchor reports whether a path may end at a certificate.
func endsAtAnchor(q *question, last *Entry) bool {
	return len(last.Uploaded) > 0 && q.profile.followsPaths() && q.profile.isAnchor(last)
}

// whyUnsigned explains why a list of the issuer's name is not the issuer's;
// nothing if another CA of that name may have made it.
func whyUnsigned(list numbered, issuer *Entry) []finding {
	switch {
	case issuer.CheckSignature(list.SignatureAlgorithm, list.RawTBSRevocationList, list.Signature) == nil:
		return []finding{list.warning(RevocationListUnsigned,
			sayf("%s signed it without the right to sign revocation lists (cRLSign, RFC 5280, 6.3.3 (f)), so it is ignored", issuer),
			sayf("renew the CA with the key usage cRLSign, and have it sign its list again"))}
	case len(list.AuthorityKeyId) == 0 || !bytes.Equal(list.AuthorityKeyId, issuer.SubjectKeyId):
		return nil
	default:
		return []finding{list.warning(RevocationListUnsigned,
			sayf("its signature does not verify with the key that it names, so it is ignored"),
			sayf("download the list again from its issuer"))}
	}
}

// signedList checks a list's signature and its issuer's right to sign lists
// (RFC 5280, 6.3.3 (f)).
func signedList(q *question, list *x509.RevocationList, issuer *Entry) bool {
	return maySignLists(issuer) && signedListState(q, list, issuer) == linkGood
}

// signedListState checks a list's signature, once for each issuer. Beyond the
// bound a list is believed: whoever presents many chains must not wear out a
// revocation.
func signedListState(q *question, list *x509.RevocationList, issuer *Entry) linkState {
	l := listLink{list, issuer}
	if state := q.lists[l]; state != linkUnknown {
		return state
	}
	if len(q.lists) >= maxSignatureChecks {
		q.budget.reach(boundLists)
		return linkGood
	}
	if q.lists == nil {
		q.lists = map[listLink]linkState{}
	}
	q.lists[l] = verifyList(list, issuer)
	return q.lists[l]
}

// verifyList does not ask, as CheckSignatureFrom does, whether the issuer is a CA:
// that is another rule's question, and one that is none must not hide that what it
// issued is revoked.
func verifyList(list *x509.RevocationList, issuer *Entry) linkState {
	switch key := publicKey(issuer.Certificate); {
	case issuer.CheckSignature(list.SignatureAlgorithm, list.RawTBSRevocationList, list.Signature) == nil:
		return linkGood
	case key == nil:
		return linkUnchecked
	case list.SignatureAlgorithm == x509.UnknownSignatureAlgorithm || issuer.PublicKey == nil:
		return signature{algorithmOf(list.Raw), list.RawTBSRevocationList, list.Signature}.verify(key)
	default:
		return linkBad
	}
}

func maySignLists(issuer *Entry) bool {
	return issuer.KeyUsage == 0 || issuer.KeyUsage&x509.KeyUsageCRLSign != 0
}

// A listLink is a revocation list, and one that may have signed it or may be on it.
type listLink struct {
	list  *x509.RevocationList
	entry *Entry
}

// pinNotRevoked judges a pin. The verifier never looks at its issuer, and the
// issuer need not be available: then a list of the issuer's name that holds the
// serial number counts even unverified, because the caller vouches for what the
// caller gives, and a list that revokes is better believed.
func pinNotRevoked(q *question, list numbered, pin *Entry) []finding {
	switch {
	case !q.pool.sameNames(list.RawIssuer, pin.RawIssuer) || disownsList(q, list.RevocationList, pin):
		return []finding{list.warning(RevocationListForeign,
			sayf("the issuer of the pinned certificate did not sign it, so it revokes nothing here"),
			sayf("provide the list of the CA that issued the pinned certificate, or none"))}
	case listed(q, list.RevocationList, pin):
		return append(listAge(q, list), revoked(list, pin))
	default:
		return listAge(q, list)
	}
}

// disownsList reports whether the pin's issuer is available and did not sign the
// list.
func disownsList(q *question, list *x509.RevocationList, pin *Entry) bool {
	disowned := false
	for _, issuer := range byKeyID(pin, q.pool.namedAs(pin.RawIssuer)) {
		if checkLink(q, pin, issuer) != linkGood {
			continue
		}
		if signedList(q, list, issuer) {
			return false
		}
		disowned = true
	}
	return disowned
}

// oidDeltaList is the extension of a list that only says what has changed (RFC
// 5280, 5.2.4).
const oidDeltaList = "2.5.29.27"

// listed reports whether a list revokes a certificate of its issuer, once for each.
func listed(q *question, list *x509.RevocationList, e *Entry) bool {
	l := listLink{list, e}
	if listed, known := q.listed[l]; known {
		return listed
	}
	if q.listed == nil {
		q.listed = map[listLink]bool{}
	}
	q.listed[l] = pki.Revokes(list, e.SerialNumber)
	return q.listed[l]
}

func revoked(list numbered, e *Entry) finding {
	return about(e, Revoked, Error,
		sayf("%s revokes its serial number %s", list, pki.Printable(pki.SerialNumber(e.Certificate))),
		sayf("issue %s again with a new key, and stop using the revoked certificate", e))
}

// outOfDate warns of a list that is not the current one.
func outOfDate(q *question, list numbered) []finding {
	switch {
	case q.At.Before(list.ThisUpdate):
		return []finding{list.warning(RevocationListStale,
			sayf("it was issued %s, after the time of validation", q.stamp(list.ThisUpdate)), sayf("provide the list that is current at that time"))}
	case !list.NextUpdate.IsZero() && q.At.After(list.NextUpdate):
		return []finding{list.warning(RevocationListStale,
			sayf("the next list was due %s: newer revocations are missing", q.stamp(list.NextUpdate)), sayf("download the current list from its issuer"))}
	default:
		return nil
	}
}

// listAge warns of a list that is out of date or does not cover everything.
func listAge(q *question, list numbered) []finding {
	found := outOfDate(q, list)
	for _, extension := range list.Extensions {
		if extension.Critical {
			found = append(found, list.warning(RevocationListPartial,
				sayf("%s: a certificate that it does not list may still be revoked", partial(extension.Id.String())), sayf("provide the issuer's complete list as well")))
		}
	}
	return found
}

func partial(id string) string {
	switch id {
	case oidDeltaList:
		return "it only contains changes (a delta CRL)"
	case oidIssuingDistributionPoint:
		return "it only covers a part of the issuer's certificates (issuing distribution point)"
	default:
		return "it has a critical extension that is not understood, " + id
	}
}

package trust

import (
	"bytes"
	"crypto/x509"
	"fmt"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// revocationFaults judges a path by the revocation lists (RFC 5280, 6.3). A
// list counts for a certificate when the certificate above it on the path has
// signed the list. That makes the outcome a property of the path: one more
// upload elsewhere cannot revoke anything.
//
// The anchor is not judged: whoever uploaded it vouches for it. A leaf that is
// its own anchor is judged as a pin is.
func (j *judgement) revocationFaults(path []*holding) []Finding {
	if len(j.options.RevocationLists) == 0 {
		return nil
	}
	if len(path) == 1 {
		return j.pinRevocation(path[0])
	}
	var found []Finding
	for i, list := range j.options.RevocationLists {
		if list == nil || len(list.Raw) == 0 {
			continue
		}
		found = append(found, j.judgeList(i, list, path)...)
	}
	return found
}

// judgeList holds one list against a path.
func (j *judgement) judgeList(index int, list *x509.RevocationList, path []*holding) []Finding {
	var unsigned *Finding
	for depth := 0; depth+1 < len(path); depth++ {
		child, issuer := path[depth], path[depth+1]
		if !bytes.Equal(list.RawIssuer, child.RawIssuer) || !bytes.Equal(list.RawIssuer, issuer.RawSubject) {
			continue
		}
		if !j.signedList(list, issuer) {
			if why := whyUnsigned(index, list, issuer); why != nil {
				unsigned = why
			}
			continue
		}
		found := j.listAge(index, list)
		if listed(list, child) {
			found = append(found, j.revoked(index, list, child))
		}
		return found
	}
	if unsigned != nil {
		return []Finding{*unsigned}
	}
	return []Finding{listFinding(index, list, RevocationListForeign,
		"no certificate of this path signed it, so that it revokes nothing here",
		"give the list of the CA that issued the leaf, and of each CA above")}
}

// whyUnsigned explains why a list of the issuer's name is not the issuer's; nil
// if another CA of that name may have made it.
func whyUnsigned(index int, list *x509.RevocationList, issuer *holding) *Finding {
	found := listFinding(index, list, RevocationListUnsigned,
		"its signature does not verify with the key that it names, so it is not looked at",
		"fetch the list afresh from its issuer")
	switch {
	case issuer.CheckSignature(list.SignatureAlgorithm, list.RawTBSRevocationList, list.Signature) == nil:
		found.Detail = issuer.name() + " signed it without the right to sign revocation lists (cRLSign, RFC 5280, 6.3.3 (f)), so it is not looked at"
		found.Hint = "renew the CA with the key usage cRLSign, and have it sign its list again"
	case len(list.AuthorityKeyId) == 0 || !bytes.Equal(list.AuthorityKeyId, issuer.SubjectKeyId):
		return nil
	}
	return &found
}

// signedList checks a list's signature and its issuer's right to sign lists
// (RFC 5280, 6.3.3 (f)), once for each issuer. Beyond the bound a list is
// believed: whoever presents many chains must not wear out a revocation.
func (j *judgement) signedList(list *x509.RevocationList, issuer *holding) bool {
	l := listLink{list, issuer}
	if signed, known := j.lists[l]; known {
		return signed
	}
	if len(j.lists) >= maxSignatureChecks {
		j.reached(boundLists)
		return true
	}
	if j.lists == nil {
		j.lists = map[listLink]bool{}
	}
	j.lists[l] = list.CheckSignatureFrom(issuer.Certificate) == nil
	return j.lists[l]
}

// A listLink is a revocation list and one that may have signed it.
type listLink struct {
	list   *x509.RevocationList
	issuer *holding
}

// pinRevocation judges a pin. The control plane never looks at its issuer, and
// the issuer need not be at hand: then a list of the issuer's name that holds
// the serial number counts even unverified, because the caller vouches for what
// the caller hands in, and a list that revokes is better believed.
func (j *judgement) pinRevocation(pin *holding) []Finding {
	var found []Finding
	for i, list := range j.options.RevocationLists {
		if list == nil || len(list.Raw) == 0 {
			continue
		}
		switch {
		case !bytes.Equal(list.RawIssuer, pin.RawIssuer) || j.disownsList(list, pin):
			found = append(found, listFinding(i, list, RevocationListForeign,
				"the issuer of the pinned certificate did not sign it, so that it revokes nothing here",
				"give the list of the CA that issued the pinned certificate, or none"))
		case listed(list, pin):
			found = append(append(found, j.listAge(i, list)...), j.revoked(i, list, pin))
		default:
			found = append(found, j.listAge(i, list)...)
		}
	}
	return found
}

// disownsList reports whether the pin's issuer is at hand and did not sign the
// list.
func (j *judgement) disownsList(list *x509.RevocationList, pin *holding) bool {
	disowned := false
	for _, issuer := range byKeyID(pin, j.held.bySubject(pin.RawIssuer)) {
		if j.check(pin, issuer) != linkGood {
			continue
		}
		if j.signedList(list, issuer) {
			return false
		}
		disowned = true
	}
	return disowned
}

const boundLists = "the checking of revocation lists"

// Extensions of lists and their entries that change what an entry means
// (RFC 5280, 5.2.5 and 5.3.3).
const (
	oidIssuingDistributionPoint = "2.5.29.28"
	oidDeltaList                = "2.5.29.27"
	oidCertificateIssuer        = "2.5.29.29"
)

// removedFromList is the reason code of an entry that takes a revocation back
// (RFC 5280, 5.3.1).
const removedFromList = 8

// listed reports whether a list revokes a certificate of its issuer. Entries
// behind one that names another issuer are that issuer's (RFC 5280, 5.3.3).
func listed(list *x509.RevocationList, h *holding) bool {
	for _, entry := range list.RevokedCertificateEntries {
		for _, extension := range entry.Extensions {
			if extension.Id.String() == oidCertificateIssuer {
				return false
			}
		}
		if entry.SerialNumber != nil && entry.SerialNumber.Cmp(h.SerialNumber) == 0 && entry.ReasonCode != removedFromList {
			return true
		}
	}
	return false
}

func (j *judgement) revoked(index int, list *x509.RevocationList, h *holding) Finding {
	return about(h, Revoked, Error,
		fmt.Sprintf("%s revokes its serial number %s", listName(index, list), pki.Printable(pki.SerialNumber(h.Certificate))),
		fmt.Sprintf("issue %s anew with a new key, and take the revoked certificate out of use", h.name()))
}

// listAge warns of a list that is out of date or does not cover everything.
func (j *judgement) listAge(index int, list *x509.RevocationList) []Finding {
	var found []Finding
	switch {
	case j.options.At.Before(list.ThisUpdate):
		found = append(found, listFinding(index, list, RevocationListStale,
			"it was issued "+j.stamp(list.ThisUpdate)+", after the instant judged", "give the list that is current at that instant"))
	case !list.NextUpdate.IsZero() && j.options.At.After(list.NextUpdate):
		found = append(found, listFinding(index, list, RevocationListStale,
			"its successor was due "+j.stamp(list.NextUpdate)+": newer revocations are not seen", "fetch the current list from its issuer"))
	}
	for _, extension := range list.Extensions {
		if extension.Critical {
			found = append(found, listFinding(index, list, RevocationListPartial,
				partial(extension.Id.String())+": a certificate that it does not list may still be revoked", "give the issuer's complete list as well"))
		}
	}
	return found
}

func partial(id string) string {
	switch id {
	case oidDeltaList:
		return "it lists changes alone (a delta list)"
	case oidIssuingDistributionPoint:
		return "it covers a part of the issuer's certificates (issuing distribution point)"
	default:
		return "it has a critical extension that is not understood, " + id
	}
}

func listFinding(index int, list *x509.RevocationList, code Code, detail, hint string) Finding {
	return Finding{code, Warning, listName(index, list), detail, hint}
}

func listName(index int, list *x509.RevocationList) string {
	return fmt.Sprintf("revocation list %d: %s", index+1, pki.DistinguishedName(list.Issuer))
}

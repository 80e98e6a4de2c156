package revocation

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/lifecycle"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// Fields, as users write them.
const (
	fieldIssuer   = "issuer"
	fieldActive   = "active_certificates_pem"
	fieldRevoked  = "revoked"
	fieldGrace    = "grace"
	fieldValidity = "validity"
	fieldRenew    = "renew_before"
	fieldPoints   = "issuing_distribution_points"
)

// fail adds an error with an element of a field; the index is -1 for the whole of
// it. The field of one within an entry of revoked is "revoked.serial_number", with
// the entry's index.
func fail(problems *lifecycle.Problems, field string, index int, summary, format string, arguments ...any) {
	problems.Add(lifecycle.Problem{Severity: lifecycle.Error, Field: field, Index: index, Summary: summary, Detail: fmt.Sprintf(format, arguments...)})
}

// warn is [fail] for a warning.
func warn(problems *lifecycle.Problems, field string, index int, summary, format string, arguments ...any) {
	problems.Add(lifecycle.Problem{Severity: lifecycle.Warning, Field: field, Index: index, Summary: summary, Detail: fmt.Sprintf(format, arguments...)})
}

// A reading reads what is configured of a resource whose issuer is known.
type reading struct{ *Resource }

// read turns what is configured into inputs, and reports what is wrong with it.
// The issuer is known.
func (r reading) read(decided time.Time, problems *lifecycle.Problems) inputs {
	in := inputs{grace: r.Want.Settings.grace(), decided: decided, now: r.Now.UTC().Truncate(time.Second)}
	ours, others := r.sortActive(problems)
	in.active = ours
	in.revoked = r.readRevoked(ours, others, problems)
	return in
}

// checkKnown reports what is wrong with the entries while something else is not
// known, so that an apply does not find it halfway.
func (r reading) checkKnown(problems *lifecycle.Problems) {
	var unplaced lifecycle.Problems // where a certificate stands is not known yet
	ours, others := r.sortActive(&unplaced)
	r.readRevoked(ours, others, problems)
}

// A candidate is a certificate among the active ones that may be the issuer's.
type candidate struct {
	element     int
	certificate *x509.Certificate
	ours        bool
}

// sortActive parts what the issuer has signed from what others have, and reports
// elements of which nothing is the issuer's.
func (r reading) sortActive(problems *lifecycle.Problems) (ours map[Serial]time.Time, others map[Serial]*x509.Certificate) {
	ours, others = map[Serial]time.Time{}, map[Serial]*x509.Certificate{}
	var foreign []candidate
	candidates := r.candidates()
	for i := 0; i < len(candidates); {
		first, known := i, false
		for ; i < len(candidates) && candidates[i].element == candidates[first].element; i++ {
			certificate := candidates[i].certificate
			switch serial := SerialOf(certificate.SerialNumber); {
			case candidates[i].ours:
				ours[serial], known = later(ours[serial], certificate.NotAfter.UTC()), true
			default:
				others[serial] = certificate
				known = known || r.ofEarlierIssuer(certificate)
			}
		}
		if !known {
			foreign = append(foreign, candidates[first])
		}
	}
	warnOfForeign(foreign, r.issuer(), problems)
	return ours, others
}

// candidates are all active certificates, those of one element side by side, with
// whether the issuer has signed them: of those that the record knows that is not
// asked again.
func (r reading) candidates() []candidate {
	issuer := r.issuer()
	same := r.Prior != nil && r.Prior.sameIssuer(issuer)
	var all []candidate
	var unchecked []int
	for element, chain := range r.Want.Active {
		for _, certificate := range chain {
			one := candidate{element: element, certificate: certificate}
			if bytes.Equal(certificate.RawIssuer, issuer.RawSubject) && !bytes.Equal(certificate.RawSubjectPublicKeyInfo, issuer.RawSubjectPublicKeyInfo) {
				if one.ours = same && r.Prior.knows(certificate); !one.ours {
					unchecked = append(unchecked, len(all))
				}
			}
			all = append(all, one)
		}
	}
	inParallel(unchecked, func(i int) { all[i].ours = pki.SignedBy(all[i].certificate, issuer) })
	return all
}

// inParallel does work for each of some numbers, on all processors.
func inParallel(numbers []int, work func(int)) {
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(numbers)) {
		workers.Go(func() {
			for i := range next {
				work(i)
			}
		})
	}
	for _, i := range numbers {
		next <- i
	}
	close(next)
	workers.Wait()
}

// ofEarlierIssuer reports whether a certificate seems to be of the generation
// before, or of one whose list is kept: by its issuer's name and key identifier.
func (r reading) ofEarlierIssuer(certificate *x509.Certificate) bool {
	return slices.ContainsFunc(r.earlierLists(), func(list *x509.RevocationList) bool {
		return bytes.Equal(list.RawIssuer, certificate.RawIssuer) && bytes.Equal(list.AuthorityKeyId, certificate.AuthorityKeyId)
	})
}

// earlierLists are the lists of other issuers than the one that is wanted.
func (r reading) earlierLists() []*x509.RevocationList {
	if r.Prior == nil {
		return nil
	}
	lists := slices.Collect(maps.Values(r.Prior.earlierLists))
	if !r.Prior.sameIssuer(r.issuer()) {
		lists = append(lists, r.Prior.List)
	}
	return lists
}

// warnOfForeign reports what is not tracked, in one warning.
func warnOfForeign(foreign []candidate, issuer *x509.Certificate, problems *lifecycle.Problems) {
	const shown = 3
	if len(foreign) == 0 {
		return
	}
	var names []string
	for _, one := range foreign[:min(shown, len(foreign))] {
		names = append(names, pki.Describe(one.certificate)+", issued by "+pki.DistinguishedName(one.certificate.Issuer))
	}
	if more := len(foreign) - shown; more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	warn(problems, fieldActive, foreign[0].element, "Certificate of another issuer",
		"%s did not sign %s. A CA revokes only what it has signed: this list will not revoke it when it is no longer active. "+
			"Remove it here, and add it to the list of its own CA.", pki.Describe(issuer), strings.Join(names, "; "))
}

// readRevoked reads the entries that are configured, which [checkEntries] found
// nothing wrong with, and reports those that are not the issuer's. What is not
// known yet is left out.
func (r reading) readRevoked(ours map[Serial]time.Time, others map[Serial]*x509.Certificate, problems *lifecycle.Problems) map[Serial]wish {
	wishes := make(map[Serial]wish, len(r.Want.Revoked))
	for _, one := range r.issuersOwn() {
		others[SerialOf(one.SerialNumber)] = one
	}
	maps.DeleteFunc(others, func(serial Serial, _ *x509.Certificate) bool { return r.hasSigned(serial, ours) })
	for i, one := range r.Want.Revoked {
		serial, err := one.serial()
		if err != nil || r.onEarlierList(serial, one.Certificate) && (one.Certificate != nil || !r.hasSigned(serial, ours)) {
			continue
		}
		if r.checkOurs(i, serial, one, others, problems) && !one.Unknown {
			wishes[serial] = one.wish()
		}
	}
	return wishes
}

// hasSigned reports whether the issuer has signed a certificate of that number, as
// far as that is known: another CA's may have the same.
func (r reading) hasSigned(serial Serial, ours map[Serial]time.Time) bool {
	_, is := ours[serial]
	if !is && r.Prior != nil && r.Prior.sameIssuer(r.issuer()) {
		_, active := r.Prior.active[serial]
		_, pending := r.Prior.pending[serial]
		_, listed := r.Prior.entries[serial]
		is = active || pending || listed
	}
	return is
}

// issuersOwn are the certificates of the issuer and what stands above it, which
// it has not signed.
func (r reading) issuersOwn() []*x509.Certificate {
	return append([]*x509.Certificate{r.issuer()}, r.Want.Issuer.Signer.Chain...)
}

// checkOurs reports an entry that is another CA's to revoke.
func (r reading) checkOurs(i int, serial Serial, one Revoked, others map[Serial]*x509.Certificate, problems *lifecycle.Problems) bool {
	other, is := others[serial]
	switch {
	case one.Certificate != nil:
		if bytes.Equal(one.Certificate.RawIssuer, r.issuer().RawSubject) && pki.SignedBy(one.Certificate, r.issuer()) {
			return true
		}
		fail(problems, fieldRevoked+".certificate_pem", i, "Certificate of another issuer", "%s", r.whyNotOurs(one.Certificate))
	case is:
		fail(problems, fieldRevoked+".serial_number", i, "Serial number of another CA",
			"%s is the serial number of %s, and this list revokes what %s has signed for others. Revoke it on the list of its own CA. "+
				"If this CA has signed another certificate with that number, give certificate_pem instead.", serial, pki.Describe(other), pki.Describe(r.issuer()))
	default:
		return true
	}
	return false
}

// whyNotOurs explains why a certificate is not on this list.
func (r reading) whyNotOurs(certificate *x509.Certificate) string {
	if r.ofEarlierIssuer(certificate) {
		return fmt.Sprintf("%s was signed with an earlier key of this CA. That key is gone, so its last list cannot get another entry. "+
			"To refuse the certificate, end the trust in that generation of the CA (overlap), or sign a list with the earlier key if you still have it.", pki.Describe(certificate))
	}
	return fmt.Sprintf("%s was issued by %s, not by %s. Revoke it on the list of its own CA.",
		pki.Describe(certificate), pki.DistinguishedName(certificate.Issuer), pki.Describe(r.issuer()))
}

// onEarlierList reports whether the list of an earlier generation revokes a
// certificate already. Of a serial number only, certificate is nil.
func (r reading) onEarlierList(serial Serial, certificate *x509.Certificate) bool {
	return slices.ContainsFunc(r.earlierLists(), func(list *x509.RevocationList) bool {
		return (certificate == nil || bytes.Equal(list.AuthorityKeyId, certificate.AuthorityKeyId)) && pki.Revokes(list, serial.Int())
	})
}

package revocation

import (
	"bytes"
	"crypto/x509"
	"fmt"
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

// Problems are what there is to report, in the order found. The field of one
// within an entry of revoked is "revoked.serial_number", with the entry's index.
type Problems []lifecycle.Problem

func (p *Problems) add(severity lifecycle.Severity, field string, index int, summary, format string, arguments ...any) {
	*p = append(*p, lifecycle.Problem{Severity: severity, Field: field, Index: index, Summary: summary, Detail: fmt.Sprintf(format, arguments...)})
}

func (p *Problems) fail(field string, index int, summary, format string, arguments ...any) {
	p.add(lifecycle.Error, field, index, summary, format, arguments...)
}

func (p *Problems) warn(field string, index int, summary, format string, arguments ...any) {
	p.add(lifecycle.Warning, field, index, summary, format, arguments...)
}

// Failed reports whether one of them is an error.
func (p *Problems) Failed() bool {
	return slices.ContainsFunc(*p, func(one lifecycle.Problem) bool { return one.Severity == lifecycle.Error })
}

// A reading reads what is configured of a resource whose issuer is known.
type reading struct{ *Resource }

// read turns what is configured into inputs, and reports what is wrong with it.
// The issuer is known.
func (r reading) read(decided time.Time, problems *Problems) inputs {
	in := inputs{grace: r.Want.Settings.grace(), decided: decided, now: r.Now.UTC().Truncate(time.Second)}
	ours, others := r.sortActive(problems)
	in.active = ours
	in.revoked = r.readRevoked(others, problems)
	return in
}

// A candidate is a certificate among the active ones that may be the issuer's.
type candidate struct {
	element     int
	certificate *x509.Certificate
	ours        bool
}

// sortActive parts what the issuer has signed from what others have, and reports
// elements of which nothing is the issuer's.
func (r reading) sortActive(problems *Problems) (ours map[Serial]time.Time, others map[Serial]*x509.Certificate) {
	ours, others = map[Serial]time.Time{}, map[Serial]*x509.Certificate{}
	var foreign []candidate
	candidates := r.candidates()
	for i := 0; i < len(candidates); {
		first, known := i, false
		for ; i < len(candidates) && candidates[i].element == candidates[first].element; i++ {
			certificate := candidates[i].certificate
			switch serial := SerialOf(certificate.SerialNumber); {
			case candidates[i].ours:
				ours[serial], known = certificate.NotAfter.UTC(), true
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
	lists := r.Prior.earlierLists
	if !r.Prior.sameIssuer(r.issuer()) {
		lists = append(slices.Clone(lists), r.Prior.List)
	}
	return lists
}

// warnOfForeign reports what is not tracked, in one warning.
func warnOfForeign(foreign []candidate, issuer *x509.Certificate, problems *Problems) {
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
	problems.warn(fieldActive, foreign[0].element, "Certificate of another issuer",
		"%s did not sign %s. A CA revokes only what it has signed: this list will not revoke it when it is no longer active. "+
			"Remove it here, and add it to the list of its own CA.", pki.Describe(issuer), strings.Join(names, "; "))
}

// readRevoked reads the entries that are configured.
func (r reading) readRevoked(others map[Serial]*x509.Certificate, problems *Problems) map[Serial]wish {
	wishes, first := make(map[Serial]wish, len(r.Want.Revoked)), map[Serial]int{}
	for _, one := range r.issuersOwn() {
		others[SerialOf(one.SerialNumber)] = one
	}
	for i, one := range r.Want.Revoked {
		serial, wanted, ok := r.readWish(i, one, others, problems)
		if !ok {
			continue
		}
		if at, twice := first[serial]; twice && !sameWish(wishes[serial], wanted) {
			problems.fail(fieldRevoked, i, "Certificate revoked twice",
				"Serial number %s is revoked by entry %d too, with another reason or date. Remove one of them.", serial, at)
			continue
		}
		first[serial] = i
		wishes[serial] = wanted
	}
	return wishes
}

func sameWish(a, b wish) bool {
	return a.at.Equal(b.at) && (a.reason == nil) == (b.reason == nil) && (a.reason == nil || *a.reason == *b.reason)
}

// issuersOwn are the certificates of the issuer and what stands above it, which
// it has not signed.
func (r reading) issuersOwn() []*x509.Certificate {
	return append([]*x509.Certificate{r.issuer()}, r.Want.Issuer.Signer.Chain...)
}

// readWish reads one entry, and reports what is wrong with it. It is not ok if it
// is not to be on this list.
func (r reading) readWish(i int, one Revoked, others map[Serial]*x509.Certificate, problems *Problems) (Serial, wish, bool) {
	wanted := wish{at: one.At, reason: one.Reason}
	var serial Serial
	switch {
	case one.Certificate != nil && one.Serial != "" || one.Certificate == nil && one.Serial == "":
		problems.fail(fieldRevoked, i, "Serial number or certificate", "Set either serial_number or certificate_pem.")
		return "", wish{}, false
	case one.Certificate != nil:
		serial, wanted.end = SerialOf(one.Certificate.SerialNumber), one.Certificate.NotAfter.UTC()
		if r.onEarlierList(serial, one.Certificate) {
			return "", wish{}, false
		}
		if !bytes.Equal(one.Certificate.RawIssuer, r.issuer().RawSubject) || !pki.SignedBy(one.Certificate, r.issuer()) {
			problems.fail(fieldRevoked+".certificate_pem", i, "Certificate of another issuer", "%s", r.whyNotOurs(one.Certificate))
			return "", wish{}, false
		}
	default:
		parsed, err := ParseSerial(one.Serial)
		if err != nil {
			problems.fail(fieldRevoked+".serial_number", i, "Invalid serial number", "%s.", pki.Sentence(err.Error()))
			return "", wish{}, false
		}
		serial = parsed
		if r.onEarlierList(serial, nil) {
			return "", wish{}, false
		}
		if other, is := others[serial]; is {
			problems.fail(fieldRevoked+".serial_number", i, "Serial number of another CA",
				"%s is the serial number of %s, which %s did not sign. Revoke it on the list of its own CA.", serial, pki.Describe(other), pki.Describe(r.issuer()))
			return "", wish{}, false
		}
	}
	return serial, wanted, r.checkWish(i, serial, wanted, problems)
}

// checkWish holds an entry against what is on the list already.
func (r reading) checkWish(i int, serial Serial, wanted wish, problems *Problems) bool {
	var before entry
	var listed bool
	if r.Prior != nil {
		before, listed = r.Prior.entries[serial]
	}
	said := listed && before.at.Equal(wanted.at) // then by a clock that ran ahead
	if wanted.at.After(r.Now) && !said {
		problems.fail(fieldRevoked+".revoked_at", i, "Date in the future",
			"%s is after the present instant, %s. A certificate is revoked from now on or from an earlier date: use that, or leave it out.", pki.Stamp(wanted.at), pki.Stamp(r.Now))
		return false
	}
	if listed && before.reason != CertificateHold && wanted.holds() {
		problems.warn(fieldRevoked+".reason", i, "Revocation cannot become a hold",
			"Serial number %s is revoked already, for the reason %s. That cannot be taken back, so certificate_hold changes nothing.", serial, before.reason)
	}
	return true
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

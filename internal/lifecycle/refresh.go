package lifecycle

import (
	"crypto"
	"crypto/x509"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/rotation"
)

// Refresh says what the clock says of the certificates: RenewalAt and RenewalDue
// of each, and when the one that waits is presented; nothing else of it. The
// record is another one, and true is returned, where plans have to decide on a
// later instant, or it is known only now since when a generation waits.
func (r *Resource) Refresh() ([]Result, Record, bool) {
	changed := outdated(r)
	record := r.Record
	if changed {
		record.Observed = r.Now.UTC()
	}
	for i := range r.Slots {
		changed = record.dateWaiting(r.Slots[i].Prior, r.Now) || changed
	}
	var results []Result
	for i := range r.Slots {
		if s := &r.Slots[i]; s.Prior != nil {
			result := Result{Name: s.Name, Next: keptNext(r, s, record)}
			setRenewal(r, &result, s, s.Prior.active(), r.Now)
			results = append(results, result)
		}
	}
	return results, record, changed
}

// Import makes a resource of one certificate out of a live certificate, chain[0],
// with its issuers behind it, and its key, which may be nil. An error among the
// problems says that it cannot be used.
func (r *Resource) Import(profile issue.Profile, chain []*x509.Certificate, key crypto.Signer, problems *Problems) (Result, Record) {
	refused, warned := issue.CheckProvided(profile, chain[0], key, nil, r.Now)
	for _, violation := range refused {
		problems.fail("", "", violation.Summary, violation.Detail)
	}
	for _, violation := range warned {
		problems.warn("", "", violation.Summary, violation.Detail)
	}
	if len(chain) > 1 {
		for _, violation := range issue.CheckBelow(chain[0], &issue.Issuer{Certificate: chain[1], Chain: chain[2:]}) {
			problems.fail("", "", violation.Summary, violation.Detail)
		}
	}
	s := &Slot{Want: Want{Origin: Provided, Request: issue.Request{Profile: profile}, Certificate: chain[0]}}
	result := madeResult(r, s, Decision{Decision: rotation.Decision{Step: rotation.Rotate, Generation: 1}}, chain[0], r.Now)
	result.Chain, result.PrivateKey = Known(pki.WithoutRoots(chain)), Known("")
	if last := chain[len(chain)-1]; len(chain) > 1 && pki.SelfSigned(last) {
		result.Root = Known(last)
	}
	result.Limits = Known(issue.LimitsOfPath(chain))
	if key != nil {
		text, err := pki.EncodePrivateKey(key)
		if err != nil {
			problems.fail("", "", "Private key cannot be encoded", pki.Sentence(err.Error())+".")
		}
		result.PrivateKey = Known(text)
	}
	setTrusted(r, &result, s, Decision{})
	record := Record{Origin: Imported}
	record.settle([]Result{result}, r.Now)
	return result, record
}

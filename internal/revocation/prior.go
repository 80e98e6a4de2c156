package revocation

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// pemLabel is the label of a list in PEM (RFC 7468, section 6).
const pemLabel = "X509 CRL"

// Parse reads exactly one revocation list, as PEM or DER. It is not package pki's
// reader, which leaves the entries of long lists where they are, and takes lists of
// version 1, which have no number to go on from.
func Parse(text []byte) (*x509.RevocationList, error) {
	if block, rest := pem.Decode(text); block != nil {
		if block.Type != pemLabel {
			return nil, fmt.Errorf("the text holds %q, not a revocation list (%s)", pki.Printable(block.Type), pemLabel)
		}
		if another, _ := pem.Decode(rest); another != nil {
			return nil, errors.New("the text holds more than one PEM block, and only one list can be taken")
		}
		text = block.Bytes
	}
	list, err := x509.ParseRevocationList(text)
	if err != nil {
		return nil, fmt.Errorf("it is not a revocation list of version 2 as PEM or DER: %w", err)
	}
	return list, nil
}

// A Prior is a list as the state has it, and what it was made from.
type Prior struct {
	List       *x509.RevocationList
	Generation int64 // of the issuer
	Issuer     string
	// Earlier are the lists of earlier generations, as PEM.
	Earlier  map[int64]string
	Settings Settings // the list was made with
	Triggers map[string]string

	record Record
	contents
	// earlierLists are those of Earlier, parsed.
	earlierLists map[int64]*x509.RevocationList
}

// Stored is what a state holds of a list, as text.
type Stored struct {
	CRLPEM     string
	Generation int64
	Issuer     string // fingerprint; empty for none
	Earlier    map[int64]string
	Settings   Settings
	Triggers   map[string]string
}

// Read parses what is stored. It is an error, of which the text goes on from "the
// list in state", where that is damaged or was not written with the record.
func (stored Stored) Read(record Record) (*Prior, error) {
	list, err := Parse([]byte(stored.CRLPEM))
	if err != nil {
		return nil, err
	}
	if record.list != digestOf(list.Raw) {
		return nil, errors.New("it is not the one that the private state beside it was written with")
	}
	if len(record.ends) != len(list.RevokedCertificateEntries) {
		return nil, fmt.Errorf("it has %d entries, and the private state beside it knows of %d", len(list.RevokedCertificateEntries), len(record.ends))
	}
	p := &Prior{
		List: list, Generation: stored.Generation, Issuer: stored.Issuer, Earlier: stored.Earlier,
		Settings: stored.Settings, Triggers: stored.Triggers, record: record,
		earlierLists: map[int64]*x509.RevocationList{},
	}
	p.contents = contents{active: record.active, pending: record.pending, entries: entriesOf(list)}
	for i, one := range list.RevokedCertificateEntries {
		serial := SerialOf(one.SerialNumber)
		known := p.entries[serial]
		known.end = record.ends[i]
		p.entries[serial] = known
	}
	for number, text := range stored.Earlier {
		earlier, err := Parse([]byte(text))
		if err != nil {
			return nil, fmt.Errorf("that of generation %d: %w", number, err)
		}
		p.earlierLists[number] = earlier
	}
	return p, nil
}

// entriesOf are the entries of a list, without the ends of the certificates.
func entriesOf(list *x509.RevocationList) map[Serial]entry {
	entries := make(map[Serial]entry, len(list.RevokedCertificateEntries))
	for _, one := range list.RevokedCertificateEntries {
		entries[SerialOf(one.SerialNumber)] = entry{at: one.RevocationTime.UTC(), reason: Reason(one.ReasonCode)}
	}
	return entries
}

// number is the number of the list; zero for one that has none.
func (p *Prior) number() int64 {
	if p.List.Number == nil {
		return 0
	}
	return p.List.Number.Int64()
}

// sameIssuer reports whether the list was signed with a CA's key and in its name:
// then the CA's own list goes on from it.
func (p *Prior) sameIssuer(ca *x509.Certificate) bool {
	if string(p.List.RawIssuer) != string(ca.RawSubject) {
		return false
	}
	if len(p.record.issuerKey) > 0 {
		return string(p.record.issuerKey) == string(ca.RawSubjectPublicKeyInfo)
	}
	return ca.CheckSignature(p.List.SignatureAlgorithm, p.List.RawTBSRevocationList, p.List.Signature) == nil
}

// firstDue is the earliest instant after from, up to now, at which the list is to
// change by the clock: it is due for renewal, the grace of a certificate is over,
// or an earlier list goes. False if there is none.
func (p *Prior) firstDue(settings Settings, from, now time.Time) (time.Time, bool) {
	var first time.Time
	consider := func(at time.Time) {
		if at.After(from) && !at.After(now) && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	consider(settings.renewalOf(p.List))
	for serial := range p.pending {
		if at, is := p.dueOf(serial, settings.grace()); is {
			consider(at)
		}
	}
	for number := range p.Earlier {
		consider(p.record.earlier[number].Add(time.Second))
	}
	return first, !first.IsZero()
}

// dueOf is when a pending certificate is revoked; false if it ends before.
func (c contents) dueOf(serial Serial, grace time.Duration) (time.Time, bool) {
	one := c.pending[serial]
	at := one.since.Add(grace)
	return at, !at.After(one.end)
}

// activeDigest is SHA-256, in hex, over serial numbers and ends, in ascending order: it
// changes whenever they do.
func activeDigest(active map[Serial]time.Time) string {
	var all []byte
	for _, serial := range sorted(active) {
		all = appendInstant(appendSerial(all, serial), active[serial])
	}
	return digestOf(all)
}

// knows reports whether a certificate is among those that the record has.
func (p *Prior) knows(certificate *x509.Certificate) bool {
	serial, end := SerialOf(certificate.SerialNumber), certificate.NotAfter
	return p.active[serial].Equal(end) || p.pending[serial].end.Equal(end)
}

// covered reports whether an earlier list is of the very issuer of the one in
// state, which goes on from it.
func (p *Prior) covered(number int64) bool {
	list, is := p.earlierLists[number]
	return is && bytes.Equal(list.RawIssuer, p.List.RawIssuer) && bytes.Equal(list.AuthorityKeyId, p.List.AuthorityKeyId)
}

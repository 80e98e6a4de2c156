package lifecycle

import (
	"bytes"
	"cmp"
	"crypto"
	"crypto/x509"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/rotation"
)

// A Prior is a certificate as the state has it, and what it was made from.
type Prior struct {
	Origin      Origin
	Generation  int64 // from 1; always 1 in a set
	Certificate *x509.Certificate
	Chain       []*x509.Certificate // as presented, Certificate first
	Root        *x509.Certificate   // that Chain leaves out; nil for none and where nothing is known of it
	Key         crypto.Signer       // nil if it is not in state
	KeyPEM      string              // Key as the state has it
	Earlier     []EarlierGeneration // that are trusted still, in ascending order

	Issuer  string             // fingerprint of the issuer; empty for none
	Waiting *WaitingGeneration // nil if none waits

	// What the newest generation was made from: the one that waits, if one does.
	Request    issue.Request // of a generated one
	Triggers   map[string]Value[string]
	KeyVersion *int64
}

// A WaitingGeneration is trusted, and not yet presented.
type WaitingGeneration struct {
	Number      int64
	Certificate *x509.Certificate
	Key         crypto.Signer // nil if it is not in state
	KeyPEM      string        // Key as the state has it
	Origin      Origin
	Issuer      string // fingerprint of the issuer; empty for none
}

// Newest is the newest generation as if it were presented already: what is
// wanted is compared with it.
func (p *Prior) Newest() *Prior {
	if p.Waiting == nil {
		return p
	}
	newest := *p
	newest.Waiting, newest.Generation, newest.Certificate = nil, p.Waiting.Number, p.Waiting.Certificate
	newest.Key, newest.KeyPEM = p.Waiting.Key, p.Waiting.KeyPEM
	newest.Origin, newest.Issuer = p.Waiting.Origin, p.Waiting.Issuer
	return &newest
}

// Planned is the action that a plan shows by the numbers of the generations that it
// presents, and has waiting: zero for none.
func (p *Prior) Planned(generation, next int64) Action {
	var waiting int64
	if p.Waiting != nil {
		waiting = p.Waiting.Number
	}
	switch {
	case generation == p.Generation && next == waiting:
		return Keep
	case generation == p.Generation && next == 0:
		return Withdraw
	case generation == p.Generation:
		return Prepare
	case generation == waiting:
		return Present
	default:
		return Rotate
	}
}

// An EarlierGeneration was replaced and is trusted still.
type EarlierGeneration struct {
	Number      int64
	Certificate *x509.Certificate
}

// Stored is what a state holds of a certificate, as text. An empty text is none.
type Stored struct {
	Slot string
	// CertificatePEM is empty for a node of a set: its certificate is the first
	// of its chain.
	CertificatePEM, ChainPEM, PrivateKeyPEM string
	RootPEM                                 string
	// HasKey: a private key is in state, or has to be.
	HasKey bool
	// FingerprintSHA256 is what the state says of the certificate, in hex.
	FingerprintSHA256 string
	// Generation counts from 1.
	Generation int64
	// Trusted are the certificates of all generations that are trusted, by their
	// number in decimal; nil where nothing is uploaded.
	Trusted map[string]string
	// NextGeneration is the number of the one that waits; 0 for none.
	NextGeneration int64
	// NextPrivateKeyPEM is its key.
	NextPrivateKeyPEM string
}

// longestCount bounds generations: one a second for a century.
const longestCount = math.MaxUint32

// Read parses what is stored. It reports everything that no apply has written,
// and then returns nil: nothing can be kept, replaced or withdrawn on the word of
// a damaged state.
func (stored Stored) Read(record Record, problems *Problems) *Prior {
	d := damage{stored: stored, problems: problems}
	prior := &Prior{Generation: stored.Generation, KeyPEM: stored.PrivateKeyPEM}
	d.readCertificates(prior)
	if stored.Generation < 1 || stored.Generation > longestCount {
		d.report("generation", "Generation in state is damaged", fmt.Sprintf("%d is not the number of a generation", stored.Generation))
	}
	if prior.Certificate != nil && stored.HasKey {
		d.readKey(prior)
	}
	if stored.Trusted != nil && !d.found {
		d.readTrusted(prior, record)
		d.readWaiting(prior, record)
	}
	if d.found {
		return nil
	}
	return prior
}

// A damage collects what is wrong with a state.
type damage struct {
	stored   Stored
	problems *Problems
	found    bool
}

func (d *damage) report(field, summary, detail string) {
	d.found = true
	advice := ". Restore the state from a backup, or remove the resource from it with terraform state rm: the next apply then issues a new certificate."
	if d.stored.Slot != "" {
		advice = ". Restore the state from a backup, or remove the node from certificates and add it again: it is then issued anew."
	}
	d.problems.fail(d.stored.Slot, field, summary, pki.Sentence(detail)+advice)
}

// readCertificates reads the certificate and what is presented with it.
func (d *damage) readCertificates(prior *Prior) {
	stored := d.stored
	if stored.Slot == "" && !stored.chainBeginsWithCertificate() {
		certificate, err := pki.ParseCertificate(stored.CertificatePEM)
		if err != nil {
			d.report("certificate_pem", "Certificate in state is damaged", err.Error())
			return
		}
		prior.Certificate = certificate
	}
	chain, err := pki.ParseCertificates(stored.ChainPEM)
	switch {
	case err != nil:
		d.report("chain_pem", "Chain in state is damaged", err.Error())
		return
	case prior.Certificate != nil && !bytes.Equal(prior.Certificate.Raw, chain[0].Raw):
		d.report("chain_pem", "Chain in state is damaged", fmt.Sprintf("it begins with %s, but the certificate is %s", pki.Describe(chain[0]), pki.Describe(prior.Certificate)))
		return
	}
	for i, certificate := range chain[1:] {
		if !issued(chain[i], certificate) {
			d.report("chain_pem", "Chain in state is damaged", fmt.Sprintf("%s is followed by %s, which did not sign it", pki.Describe(chain[i]), pki.Describe(certificate)))
			return
		}
	}
	if fingerprint := pki.FingerprintSHA256(chain[0]); stored.FingerprintSHA256 != fingerprint {
		d.report("chain_pem", "Chain in state is damaged", fmt.Sprintf("it begins with %s, and the state says the fingerprint is %q", pki.Describe(chain[0]), stored.FingerprintSHA256))
		return
	}
	prior.Certificate, prior.Chain = chain[0], chain
	d.readRoot(prior)
}

// readRoot reads the root above the chain, where the state has one.
func (d *damage) readRoot(prior *Prior) {
	const field, summary = "root_pem", "Root in state is damaged"
	if d.stored.RootPEM == "" {
		return
	}
	root, err := pki.ParseCertificate(d.stored.RootPEM)
	last := prior.Chain[len(prior.Chain)-1]
	switch {
	case err != nil:
		d.report(field, summary, err.Error())
	case !issued(last, root):
		d.report(field, summary, fmt.Sprintf("%s is not above %s", pki.Describe(root), pki.Describe(last)))
	default:
		prior.Root = root
	}
}

// chainBeginsWithCertificate reports whether the chain begins with the very text of
// the certificate, one whole block, as it mostly does: then it is parsed once.
func (stored Stored) chainBeginsWithCertificate() bool {
	const end = "-----END CERTIFICATE-----\n"
	return strings.HasPrefix(stored.ChainPEM, stored.CertificatePEM) && strings.Index(stored.CertificatePEM, end) == len(stored.CertificatePEM)-len(end)
}

// issued reports whether issuer seems to have issued certificate: by its name and
// key identifier or, where the identifiers do not decide, by its signature.
func issued(certificate, issuer *x509.Certificate) bool {
	if !bytes.Equal(certificate.RawIssuer, issuer.RawSubject) {
		return false
	}
	id := certificate.AuthorityKeyId
	return len(id) > 0 && bytes.Equal(id, issuer.SubjectKeyId) || pki.SignedBy(certificate, issuer)
}

func (d *damage) readKey(prior *Prior) {
	key, err := pki.ParsePrivateKey(d.stored.PrivateKeyPEM)
	switch {
	case err != nil:
		d.report("private_key_pem", "Private key in state is damaged", err.Error())
	case !pki.SameKey(key.Public(), prior.Certificate.PublicKey):
		d.report("private_key_pem", "Private key in state is damaged", "it does not belong to "+pki.Describe(prior.Certificate))
	default:
		prior.Key = key
	}
}

// readTrusted reads the generations that are trusted still. One that the record
// knows and the state lacks was not withdrawn by an apply.
func (d *damage) readTrusted(prior *Prior, record Record) {
	const field, summary = "trusted_certificates_pem", "Trusted certificates in state are damaged"
	for _, name := range slices.Sorted(maps.Keys(d.stored.Trusted)) {
		number, wrong := strconv.ParseInt(name, 10, 64)
		certificate, err := pki.ParseCertificate(d.stored.Trusted[name])
		switch {
		case wrong == nil && number > prior.Generation && number == d.stored.NextGeneration: // see readWaiting
		case wrong != nil || number < 1 || number > prior.Generation:
			d.report(field, summary, fmt.Sprintf("%q is not the number of an earlier generation", name))
		case err != nil:
			d.report(field, summary, fmt.Sprintf("generation %d: %v", number, err))
		case number < prior.Generation:
			prior.Earlier = append(prior.Earlier, EarlierGeneration{number, certificate})
		case !bytes.Equal(certificate.Raw, prior.Certificate.Raw):
			d.report(field, summary, fmt.Sprintf("generation %d is %s, but the certificate is %s", number, pki.Describe(certificate), pki.Describe(prior.Certificate)))
		}
	}
	slices.SortFunc(prior.Earlier, func(a, b EarlierGeneration) int { return cmp.Compare(a.Number, b.Number) })
	for number := range record.Superseded {
		if _, is := d.stored.Trusted[strconv.FormatInt(number, 10)]; !is && number < prior.Generation {
			d.report(field, summary, fmt.Sprintf("generation %d is missing", number))
		}
	}
}

// readWaiting reads the generation that waits. One that the record knows and the
// state lacks was not withdrawn by an apply.
func (d *damage) readWaiting(prior *Prior, record Record) {
	const summary = "Waiting generation in state is damaged"
	number := d.stored.NextGeneration
	switch {
	case record.Waiting != nil && number != record.Waiting.Number:
		d.report("next_generation", summary, fmt.Sprintf("generation %d waits, and the state says %d", record.Waiting.Number, number))
		return
	case number == 0 && d.stored.NextPrivateKeyPEM != "":
		d.report("next_private_key_pem", summary, "there is a private key, and no generation that waits")
		return
	case number == 0:
		return
	case number <= prior.Generation || number > longestCount:
		d.report("next_generation", summary, fmt.Sprintf("%d is not the number of a generation after %d", number, prior.Generation))
		return
	}
	certificate, err := pki.ParseCertificate(d.stored.Trusted[strconv.FormatInt(number, 10)])
	if err != nil {
		d.report("trusted_certificates_pem", summary, fmt.Sprintf("generation %d: %v", number, err))
		return
	}
	waiting := &WaitingGeneration{Number: number, Certificate: certificate, KeyPEM: d.stored.NextPrivateKeyPEM}
	if record.Waiting != nil {
		waiting.Origin, waiting.Issuer = record.Waiting.Origin, record.Waiting.Issuer
	}
	if waiting.KeyPEM != "" {
		key, err := pki.ParsePrivateKey(waiting.KeyPEM)
		switch {
		case err != nil:
			d.report("next_private_key_pem", summary, err.Error())
		case !pki.SameKey(key.Public(), certificate.PublicKey):
			d.report("next_private_key_pem", summary, "the key does not belong to "+pki.Describe(certificate))
		}
		waiting.Key = key
	}
	prior.Waiting = waiting
}

// SetOrigins fills in where the certificates come from, and who issued the one that
// is presented. What the record does not say is what the state shows: asks says
// that the state asks for a certificate to be generated, hasKey that a private key
// is in it.
func (p *Prior) SetOrigins(record Record, asks, hasKey bool, issuer string) {
	p.Origin, p.Issuer = record.InferOrigin(asks, hasKey), issuer
	if p.Waiting == nil || p.Waiting.Origin != "" {
		return
	}
	p.Waiting.Origin, p.Waiting.Issuer = Provided, issuer
	if asks {
		p.Waiting.Origin = Generated
	}
}

// AddFingerprint adds the generation that waits, if one does, to the fingerprints
// that a record belongs to.
func (p *Prior) AddFingerprint(fingerprints map[string]string) {
	if p.Waiting != nil {
		fingerprints[waitingSlot] = pki.FingerprintSHA256(p.Waiting.Certificate)
	}
}

// path is the certificate and the CAs above it, next first, as far as they are
// known.
func (p *Prior) path() []*x509.Certificate {
	path := slices.Clone(p.Chain)
	if p.Root != nil {
		path = append(path, p.Root)
	}
	return path
}

// active is the generation that the state presents.
func (p *Prior) active() rotation.Generation {
	return rotation.Generation{Number: p.Generation, NotBefore: p.Certificate.NotBefore, NotAfter: p.Certificate.NotAfter}
}

// timeline lists the generations of the state.
func (p *Prior) timeline(record Record) rotation.Timeline {
	timeline := rotation.Timeline{Active: p.active(), Highest: record.Highest}
	if waiting := p.Waiting; waiting != nil {
		timeline.Waiting = &rotation.Waiting{Generation: rotation.Generation{
			Number: waiting.Number, NotBefore: waiting.Certificate.NotBefore, NotAfter: waiting.Certificate.NotAfter,
		}}
		if record.Waiting != nil {
			timeline.Waiting.TrustedSince = record.Waiting.Since
		}
	}
	for _, earlier := range p.Earlier {
		timeline.Earlier = append(timeline.Earlier, rotation.Earlier{
			Number: earlier.Number, NotAfter: earlier.Certificate.NotAfter, SupersededAt: record.Superseded[earlier.Number],
		})
	}
	return timeline
}

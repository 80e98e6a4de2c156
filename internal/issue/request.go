package issue

import (
	"bytes"
	"cmp"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"slices"
	"sync/atomic"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// A Profile is the purpose that a certificate is made for.
type Profile int

// The three profiles.
const (
	// ControlPlaneCA is a certification authority that a control plane trusts:
	// a root, or an intermediate below an issuer.
	ControlPlaneCA Profile = iota + 1
	// PinnedCertificate is a certificate that both sides share: an end entity
	// that no issuer vouches for, for both sides of a connection.
	PinnedCertificate
	// DataplaneCertificate is an end entity below a CA.
	DataplaneCertificate
)

// Default lives of a certificate.
const (
	tenYears = 87600 * time.Hour
	oneYear  = 8760 * time.Hour
)

// DefaultValidity is how long a certificate of the profile lives unless the
// request says otherwise: ten years, or one for a data plane's.
func (p Profile) DefaultValidity() time.Duration {
	if p == DataplaneCertificate {
		return oneYear
	}
	return tenYears
}

// Unknown says what of a request is not known yet, as in a plan. Nothing is held
// against what is missing. The zero value: everything is known.
type Unknown struct {
	Request bool // some part of the request
	Issuer  bool // whether there is an issuer, and which
	// Limits are those of an issuer that is unknown and of the CAs above it, as far
	// as they are known of the certificates that these are about to get.
	Limits []Limits
}

// A Request says what certificate is wanted, in the words of those who ask. It
// may be wrong in any way: [Check] reports how.
type Request struct {
	Profile Profile

	// Subject is the certificate's name. With CSR, the zero Subject
	// means the request's own.
	Subject pkix.Name

	// The alternative names, as written. With CSR, a nil slice means
	// the request's own names of that kind.
	DNSNames       []string
	IPAddresses    []string
	URIs           []string
	EmailAddresses []string

	// Validity is how long the certificate lives from now; zero means the
	// profile's default. It is cut to the end of the issuers.
	Validity time.Duration

	// Key is the key pair that the certificate is for. If it is nil and there is
	// no CSR, one of KeyAlgorithm (zero: ECDSA P-256) is generated.
	Key          crypto.Signer
	KeyAlgorithm pki.KeyAlgorithm

	// CSR asks for a certificate for a key held elsewhere. Nil: none.
	CSR *x509.CertificateRequest

	// ExtendedKeyUsages of an end entity; empty means client authentication for
	// a data plane. A pinned certificate always has both.
	ExtendedKeyUsages []x509.ExtKeyUsage

	// MaxPathLength is how many CAs may follow below this one; nil: no limit of
	// its own. Zero is kept as zero.
	MaxPathLength   *int
	NameConstraints NameConstraints

	// Renews is the certificate that this one replaces; nil: none. Where both are
	// for one key, its subject key identifier is kept, and the encoding of its
	// subject where that says the same: what the key signed before goes on
	// leading to it (RFC 5280, sections 4.2.1.1 and 7.1).
	Renews *x509.Certificate

	// Where the certificate's own revocation can be looked up, as URLs.
	CRLDistributionPoints []string
	OCSPServers           []string
}

// Equal reports whether two requests ask for the same certificate, whatever the
// order and the spelling of their names and whether a default is written out or
// not: 2001:DB8:0::1 is 2001:db8::1. Key and Renews are not compared.
func (r Request) Equal(other Request) bool {
	return r.Profile == other.Profile &&
		sameAttributes(r.Subject.ToRDNSequence(), other.Subject.ToRDNSequence()) &&
		sameNames(r, r.DNSNames, other.DNSNames, readDNSName) &&
		sameNames(r, r.IPAddresses, other.IPAddresses, readAddress) &&
		sameNames(r, r.URIs, other.URIs, readURI) &&
		sameNames(r, r.EmailAddresses, other.EmailAddresses, readMailbox) &&
		r.validity() == other.validity() &&
		r.algorithm() == other.algorithm() &&
		sameCSR(r.CSR, other.CSR) &&
		sameElements(r.purposes(), other.purposes()) &&
		samePathLength(r.MaxPathLength, other.MaxPathLength) &&
		r.NameConstraints.equal(other.NameConstraints) &&
		sameElements(r.CRLDistributionPoints, other.CRLDistributionPoints) &&
		sameElements(r.OCSPServers, other.OCSPServers)
}

// validity is the life asked for, the profile's default if none is.
func (r Request) validity() time.Duration {
	return cmp.Or(r.Validity, r.Profile.DefaultValidity())
}

// algorithm is that of the key to be generated; empty where none is.
func (r Request) algorithm() pki.KeyAlgorithm {
	if r.CSR != nil {
		return ""
	}
	return cmp.Or(r.KeyAlgorithm, pki.ECDSAP256)
}

// sameNames compares the names of one kind. With a CSR, no list means the CSR's own
// names, and an empty list means none.
func sameNames[T any](r Request, a, b []string, read reader[T]) bool {
	return sameMeaning(a, b, read) && (r.CSR == nil || (a == nil) == (b == nil))
}

// A reader reads a text: its value, its normal form and what is wrong with it.
type reader[T any] func(text string) (value T, normal, fault string)

// sameMeaning compares two lists of texts by their normal forms, in any order. What
// cannot be read stands for itself.
func sameMeaning[T any](a, b []string, read reader[T]) bool {
	return slices.Equal(a, b) || sameElements(normalForms(a, read), normalForms(b, read))
}

func normalForms[T any](written []string, read reader[T]) []string {
	return texts(written, func(text string) string {
		if _, normal, fault := read(text); fault == "" {
			return normal
		}
		return text
	})
}

// sameElements compares two lists in any order; nil and empty are the same.
func sameElements[T cmp.Ordered](a, b []T) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

func sameCSR(a, b *x509.CertificateRequest) bool {
	return (a == nil) == (b == nil) && (a == nil || bytes.Equal(a.Raw, b.Raw))
}

func samePathLength(a, b *int) bool {
	return (a == nil) == (b == nil) && (a == nil || *a == *b)
}

// NameConstraints restrict the names of everything below a CA (RFC 5280,
// section 4.2.1.10), as written.
type NameConstraints struct {
	PermittedDNSDomains     []string
	ExcludedDNSDomains      []string
	PermittedIPRanges       []string
	ExcludedIPRanges        []string
	PermittedEmailAddresses []string
	ExcludedEmailAddresses  []string
	PermittedURIDomains     []string
	ExcludedURIDomains      []string
}

func (c NameConstraints) equal(other NameConstraints) bool {
	return sameMeaning(c.PermittedDNSDomains, other.PermittedDNSDomains, readDomain) &&
		sameMeaning(c.ExcludedDNSDomains, other.ExcludedDNSDomains, readDomain) &&
		sameMeaning(c.PermittedIPRanges, other.PermittedIPRanges, readRange) &&
		sameMeaning(c.ExcludedIPRanges, other.ExcludedIPRanges, readRange) &&
		sameMeaning(c.PermittedEmailAddresses, other.PermittedEmailAddresses, readMailboxes) &&
		sameMeaning(c.ExcludedEmailAddresses, other.ExcludedEmailAddresses, readMailboxes) &&
		sameMeaning(c.PermittedURIDomains, other.PermittedURIDomains, readDomain) &&
		sameMeaning(c.ExcludedURIDomains, other.ExcludedURIDomains, readDomain)
}

// An Issuer signs. A nil *Issuer means that the certificate signs itself.
type Issuer struct {
	Certificate *x509.Certificate
	// Chain holds the certificates above Certificate, next first; a self-signed
	// root among them or not.
	Chain []*x509.Certificate
	// Root is the self-signed certificate above Chain, where that leaves it out; nil
	// if it is among them or not known. Its limits bind what is issued as those of
	// the others do, and it is never presented.
	Root *x509.Certificate
	// Key is the private key of Certificate; nil if there is none.
	Key crypto.Signer

	// vetted is what was last found of the issuer: hundreds of certificates of a set
	// have the same.
	vetted atomic.Pointer[vetting]
}

// path is the issuer and everything above it, each once.
func (i *Issuer) path() []*x509.Certificate {
	if i == nil {
		return nil
	}
	path := append([]*x509.Certificate{i.Certificate}, i.Chain...)
	if i.Root != nil && !slices.ContainsFunc(path, i.Root.Equal) {
		path = append(path, i.Root)
	}
	return path
}

// Top is the self-signed certificate that the issuer's path ends at; nil if it is
// not known, and for a nil issuer.
func (i *Issuer) Top() *x509.Certificate {
	path := i.path()
	if len(path) == 0 || !pki.SelfSigned(path[len(path)-1]) {
		return nil
	}
	return path[len(path)-1]
}

// Present is what a peer presents that certificate was issued to: certificate,
// then its issuers, without a self-signed root. The issuer may be nil.
func (i *Issuer) Present(certificate *x509.Certificate) []*x509.Certificate {
	return append([]*x509.Certificate{certificate}, i.Above()...)
}

// Above is the issuer and what stands above it, without a self-signed root: the
// part of the chain that all it issues have in common.
func (i *Issuer) Above() []*x509.Certificate {
	if i == nil {
		return nil
	}
	return slices.DeleteFunc(append([]*x509.Certificate{i.Certificate}, i.Chain...), pki.SelfSigned)
}

// End is the instant at which the first certificate of the issuer's chain ends:
// nothing issued below it lives longer.
func (i *Issuer) End() (time.Time, *x509.Certificate) {
	first := i.Certificate
	for _, certificate := range i.path() {
		if certificate.NotAfter.Before(first.NotAfter) {
			first = certificate
		}
	}
	return first.NotAfter, first
}

// Issued is a certificate as it leaves the package.
type Issued struct {
	Certificate *x509.Certificate // parsed back from what was signed
	// Chain is what a peer presents: the certificate, then its issuers, without
	// a self-signed root.
	Chain []*x509.Certificate
	// Key is the certificate's private key; nil if it is held elsewhere.
	Key crypto.Signer
}

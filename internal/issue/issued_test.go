package issue_test

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"net"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// extension finds an extension of a certificate by its number below id-ce.
func extension(certificate *x509.Certificate, number int) *pkix.Extension {
	at := slices.IndexFunc(certificate.Extensions, func(e pkix.Extension) bool {
		return e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, number})
	})
	if at < 0 {
		return nil
	}
	return &certificate.Extensions[at]
}

// Extensions by their numbers below id-ce (RFC 5280, section 4.2.1).
const (
	subjectKeyIdentifier   = 14
	keyUsage               = 15
	subjectAlternativeName = 17
	basicConstraints       = 19
	nameConstraints        = 30
	revocationPointers     = 31
	authorityKeyIdentifier = 35
	extendedKeyUsage       = 37
)

// TestProfiles: what makes each kind of certificate what it is.
func TestProfiles(t *testing.T) {
	root := mustIssue(t, calling("root", aCA()), nil)
	both := []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}
	for name, test := range map[string]struct {
		request    issue.Request
		issuer     *issue.Issuer
		isCA       bool
		pathLength int // -1: none
		usage      x509.KeyUsage
		purposes   []x509.ExtKeyUsage
		validity   time.Duration
	}{
		"a root": {
			request: aCA(), isCA: true, pathLength: -1, usage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, validity: 87600 * time.Hour,
		},
		"an intermediate": {
			request: with(aCA(), toCA(3)), issuer: below(root), isCA: true, pathLength: 3, usage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, validity: 87600 * time.Hour,
		},
		"a pin": {
			request: aPin(), pathLength: -1, usage: x509.KeyUsageDigitalSignature, purposes: both, validity: 87600 * time.Hour,
		},
		"a pin of RSA": {
			request:    with(aPin(), func(r *issue.Request) { r.KeyAlgorithm = pki.RSA2048 }),
			pathLength: -1, usage: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment, purposes: both, validity: 87600 * time.Hour,
		},
		"a leaf": {
			request: aLeaf(), issuer: below(root), pathLength: -1, usage: x509.KeyUsageDigitalSignature, purposes: both[:1], validity: 8760 * time.Hour,
		},
		"a leaf of RSA": {
			request: with(aLeaf(), func(r *issue.Request) { r.KeyAlgorithm = pki.RSA2048 }), issuer: below(root),
			pathLength: -1, usage: x509.KeyUsageDigitalSignature, purposes: both[:1], validity: 8760 * time.Hour,
		},
		"a server": {
			request: with(aLeaf(), func(r *issue.Request) { r.ExtendedKeyUsages = both[1:] }), issuer: below(root),
			pathLength: -1, usage: x509.KeyUsageDigitalSignature, purposes: both[1:], validity: 8760 * time.Hour,
		},
	} {
		t.Run(name, func(t *testing.T) {
			issued := mustIssue(t, test.request, test.issuer)
			certificate := issued.Certificate
			if certificate.Version != 3 || !certificate.BasicConstraintsValid || certificate.IsCA != test.isCA {
				t.Errorf("version %d, basic constraints %t, CA %t", certificate.Version, certificate.BasicConstraintsValid, certificate.IsCA)
			}
			if certificate.MaxPathLen != test.pathLength {
				t.Errorf("path length %d, want %d", certificate.MaxPathLen, test.pathLength)
			}
			if certificate.KeyUsage != test.usage {
				t.Errorf("key usage %b, want %b", certificate.KeyUsage, test.usage)
			}
			if diff := cmp.Diff(test.purposes, certificate.ExtKeyUsage); diff != "" {
				t.Errorf("purposes (-want +got):\n%s", diff)
			}
			for _, number := range []int{keyUsage, basicConstraints} {
				if found := extension(certificate, number); found == nil || !found.Critical {
					t.Errorf("extension %d is missing or not critical", number)
				}
			}
			for _, number := range []int{subjectKeyIdentifier, authorityKeyIdentifier, subjectAlternativeName, extendedKeyUsage, revocationPointers} {
				if found := extension(certificate, number); found != nil && found.Critical {
					t.Errorf("extension %d is critical", number)
				}
			}
			if got, want := certificate.NotAfter, pkitest.Now().Add(test.validity-time.Second); test.issuer == nil && !got.Equal(want) {
				t.Errorf("ends at %s, want %s", got, want)
			}
			if !pki.SameKey(issued.Key.Public(), certificate.PublicKey) {
				t.Error("the key returned is not the certificate's")
			}
		})
	}
}

// TestEveryAlgorithm: keys are made as asked, by issuers of every kind.
func TestEveryAlgorithm(t *testing.T) {
	for _, algorithm := range pki.KeyAlgorithms() {
		t.Run(string(algorithm), func(t *testing.T) {
			t.Parallel()
			in := func(request issue.Request) issue.Request {
				return with(request, func(r *issue.Request) { r.KeyAlgorithm = algorithm })
			}
			root := mustIssue(t, in(calling("root", aCA())), nil)
			leaf := mustIssue(t, in(aLeaf()), below(root))
			for _, issued := range []*issue.Issued{root, leaf, mustIssue(t, in(aPin()), nil)} {
				if got := pki.AlgorithmOf(issued.Certificate.PublicKey); got != algorithm {
					t.Errorf("%s has a key of %s", pki.Describe(issued.Certificate), got)
				}
			}
		})
	}
}

// TestProvidedKeys are the certificate's, and not generated anew.
func TestProvidedKeys(t *testing.T) {
	for _, algorithm := range []pki.KeyAlgorithm{pki.ECDSAP384, pki.RSA2048, pki.Ed25519} {
		key := pkitest.Build(t, "edge", pkitest.With("edge", pkitest.Algorithm(algorithm))).Key("edge")
		issued := mustIssue(t, with(aPin(), func(r *issue.Request) { r.Key = key }), nil)
		if !pki.SameKey(issued.Certificate.PublicKey, key.Public()) || !pki.SameKey(issued.Key.Public(), key.Public()) {
			t.Errorf("%s: the certificate is for another key", algorithm)
		}
	}
}

func TestDates(t *testing.T) {
	instant := func(text string) time.Time {
		parsed, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	for name, test := range map[string]struct {
		now        string
		validity   time.Duration
		issuerLife [2]string // of the CA above, if there is one
		rootEnd    string
		want       [2]string
	}{
		"a minute before, to the last second of a year": {
			now: "2030-06-15T12:00:00Z", validity: 8760 * time.Hour,
			want: [2]string{"2030-06-15T11:59:00Z", "2031-06-15T11:59:59Z"},
		},
		"in the midst of a second": {
			now: "2030-06-15T12:00:00.999999999Z", validity: time.Hour,
			want: [2]string{"2030-06-15T11:59:00Z", "2030-06-15T12:59:59Z"},
		},
		"a validity of no whole seconds": {
			now: "2030-06-15T12:00:00.7Z", validity: 2500 * time.Millisecond,
			want: [2]string{"2030-06-15T11:59:00Z", "2030-06-15T12:00:02Z"},
		},
		"in another time zone": {
			now: "2030-06-15T14:00:00+02:00", validity: time.Hour,
			want: [2]string{"2030-06-15T11:59:00Z", "2030-06-15T12:59:59Z"},
		},
		"beyond 2049, in the other form of time": {
			now: "2049-12-31T23:59:30Z", validity: time.Hour,
			want: [2]string{"2049-12-31T23:58:30Z", "2050-01-01T00:59:29Z"},
		},
		"cut to the end of the issuer": {
			now: "2030-06-15T12:00:00Z", validity: 8760 * time.Hour, issuerLife: [2]string{"2029-01-01T00:00:00Z", "2030-07-01T00:00:00Z"}, rootEnd: "2040-01-01T00:00:00Z",
			want: [2]string{"2030-06-15T11:59:00Z", "2030-07-01T00:00:00Z"},
		},
		"cut to the end of its root": {
			now: "2030-06-15T12:00:00Z", validity: 8760 * time.Hour, issuerLife: [2]string{"2029-01-01T00:00:00Z", "2040-01-01T00:00:00Z"}, rootEnd: "2030-08-01T00:00:00Z",
			want: [2]string{"2030-06-15T11:59:00Z", "2030-08-01T00:00:00Z"},
		},
		"not before an issuer of this minute": {
			now: "2030-06-15T12:00:00Z", validity: time.Hour, issuerLife: [2]string{"2030-06-15T11:59:50Z", "2040-01-01T00:00:00Z"}, rootEnd: "2040-01-01T00:00:00Z",
			want: [2]string{"2030-06-15T11:59:50Z", "2030-06-15T12:59:59Z"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			request, issuer := with(aCA(), func(r *issue.Request) { r.Validity = test.validity }), (*issue.Issuer)(nil)
			if test.rootEnd != "" {
				graph := pkitest.Build(t, "leaf <- issuing <- root",
					pkitest.With("issuing", pkitest.Valid(instant(test.issuerLife[0]), instant(test.issuerLife[1]))),
					pkitest.With("root", pkitest.Valid(instant("2020-01-01T00:00:00Z"), instant(test.rootEnd))))
				issuer = issuerOf(graph, "issuing", "root")
			}
			issued, err := issue.Issue(t.Context(), request, issuer, instant(test.now))
			if err != nil {
				t.Fatal(err)
			}
			certificate := issued.Certificate
			got := [2]string{certificate.NotBefore.Format(time.RFC3339Nano), certificate.NotAfter.Format(time.RFC3339Nano)}
			if got != test.want {
				t.Errorf("valid from %s to %s, want %s to %s", got[0], got[1], test.want[0], test.want[1])
			}
			if end, _ := issue.End(request, issuer, instant(test.now)); !end.Equal(certificate.NotAfter) {
				t.Errorf("End foretells %s", end)
			}
		})
	}
}

// TestEndNamesWhatCutsIt: the plan can say why a life is shorter than asked
// for.
func TestEndNamesWhatCutsIt(t *testing.T) {
	graph := pkitest.Build(t, "leaf <- issuing <- root", pkitest.With("root", pkitest.EndsIn(time.Hour)))
	issuer := issuerOf(graph, "issuing", "root")
	for validity, want := range map[time.Duration]string{0: "root", 2 * time.Hour: "root", time.Hour: ""} {
		request := with(aLeaf(), func(r *issue.Request) { r.Validity = validity })
		if _, cutBy := issue.End(request, issuer, pkitest.Now()); graph.NameOf(cutBy) != want {
			t.Errorf("a life of %s is cut by %q, want %q", validity, graph.NameOf(cutBy), want)
		}
	}
	if _, cutBy := issue.End(aPin(), nil, pkitest.Now()); cutBy != nil {
		t.Errorf("what signs itself is cut by %s", pki.Describe(cutBy))
	}
}

// TestSerialNumbers are positive, of up to 128 bits, and never the same.
func TestSerialNumbers(t *testing.T) {
	const count = 64
	key := pkitest.Build(t, "edge").Key("edge")
	seen, longest := map[string]bool{}, 0
	for range count {
		number := mustIssue(t, with(aPin(), func(r *issue.Request) { r.Key = key }), nil).Certificate.SerialNumber
		if number.Sign() <= 0 || number.BitLen() > 128 || seen[number.String()] {
			t.Fatalf("serial number %x", number)
		}
		seen[number.String()] = true
		longest = max(longest, number.BitLen())
	}
	// All of 64 numbers with eight leading zeros: a chance of one in 2^512.
	if longest <= 120 {
		t.Errorf("the longest of %d serial numbers has %d bits", count, longest)
	}
}

// TestKeyIdentifiers: SHA-256 over the key, cut to 160 bits (RFC 7093, section
// 2), and the issuer's in what it issues.
func TestKeyIdentifiers(t *testing.T) {
	root := mustIssue(t, calling("root", aCA()), nil)
	leaf := mustIssue(t, aLeaf(), below(root)).Certificate
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(leaf.RawSubjectPublicKeyInfo, &info); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(info.Key.Bytes)
	if !bytes.Equal(leaf.SubjectKeyId, sum[:20]) {
		t.Errorf("subject key identifier %x, want %x", leaf.SubjectKeyId, sum[:20])
	}
	if !bytes.Equal(leaf.AuthorityKeyId, root.Certificate.SubjectKeyId) {
		t.Errorf("authority key identifier %x, want %x", leaf.AuthorityKeyId, root.Certificate.SubjectKeyId)
	}

	// RFC 5280 excepts only CAs that sign themselves, and a pin is none.
	if pin := mustIssue(t, aPin(), nil).Certificate; !bytes.Equal(pin.AuthorityKeyId, pin.SubjectKeyId) {
		t.Errorf("authority key identifier of a pin %x, want its own %x", pin.AuthorityKeyId, pin.SubjectKeyId)
	}

	graph := pkitest.Build(t, "leaf <- ca\nleaf~2 <- bare", pkitest.With("bare", pkitest.NoKeyID()))
	if got, want := mustIssue(t, aLeaf(), issuerOf(graph, "ca")).Certificate.AuthorityKeyId, graph.Certificate("ca").SubjectKeyId; !bytes.Equal(got, want) {
		t.Errorf("below an issuer of another making: authority key identifier %x, want its own %x", got, want)
	}
	if got := mustIssue(t, aLeaf(), issuerOf(graph, "bare")).Certificate.AuthorityKeyId; len(got) != 20 {
		t.Errorf("below an issuer without identifier: authority key identifier %x, want one of its key", got)
	}
}

// TestAlternativeNames of all four kinds are in the certificate.
func TestAlternativeNames(t *testing.T) {
	request := aPin()
	request.DNSNames = []string{"edge.example", "*.edge.example", "kong_clustering"}
	request.IPAddresses = []string{"192.0.2.1", "2001:db8::1", "::ffff:192.0.2.2"}
	request.URIs = []string{"spiffe://acme.example/edge"}
	request.EmailAddresses = []string{"Ops@acme.example"}
	certificate := mustIssue(t, request, nil).Certificate
	want := pki.Names{
		DNSNames:       request.DNSNames,
		IPAddresses:    []net.IP{net.IPv4(192, 0, 2, 1).To4(), net.ParseIP("2001:db8::1"), net.IPv4(192, 0, 2, 2).To4()},
		URIs:           []*url.URL{{Scheme: "spiffe", Host: "acme.example", Path: "/edge"}},
		EmailAddresses: request.EmailAddresses,
	}
	if diff := cmp.Diff(want, pki.NamesOf(certificate)); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	if extension(certificate, subjectAlternativeName).Critical {
		t.Error("the alternative names are critical, although there is a subject")
	}
}

// TestAlternativeNamesWithoutSubject are critical (RFC 5280, section 4.1.2.6).
func TestAlternativeNamesWithoutSubject(t *testing.T) {
	root := mustIssue(t, calling("root", aCA()), nil)
	request := issue.Request{Profile: issue.DataplaneCertificate, DNSNames: []string{"edge.example"}}
	certificate := mustIssue(t, request, below(root)).Certificate
	if len(certificate.Subject.Names) > 0 || !extension(certificate, subjectAlternativeName).Critical {
		t.Errorf("subject %q, alternative names critical %t", certificate.Subject, extension(certificate, subjectAlternativeName).Critical)
	}
}

func TestSubjectAsAsked(t *testing.T) {
	certificate := mustIssue(t, with(aPin(), func(r *issue.Request) { r.Subject = fullSubject() }), nil).Certificate
	if got, want := certificate.Subject.String(), fullSubject().String(); got != want {
		t.Errorf("subject %s, want %s", got, want)
	}
}

func TestPathLengthZeroIsKept(t *testing.T) {
	certificate := mustIssue(t, with(aCA(), toCA(0)), nil).Certificate
	if certificate.MaxPathLen != 0 || !certificate.MaxPathLenZero {
		t.Errorf("path length %d, zero kept %t", certificate.MaxPathLen, certificate.MaxPathLenZero)
	}
}

// TestNameConstraintsAsAsked: all eight kinds, in a critical extension.
func TestNameConstraintsAsAsked(t *testing.T) {
	asked := issue.NameConstraints{
		PermittedDNSDomains:     []string{"a.example", ".b.example"},
		ExcludedDNSDomains:      []string{"c.example"},
		PermittedIPRanges:       []string{"10.0.0.0/8", "2001:db8::/32"},
		ExcludedIPRanges:        []string{"10.1.0.0/16"},
		PermittedEmailAddresses: []string{"ops@d.example", "e.example"},
		ExcludedEmailAddresses:  []string{".f.example"},
		PermittedURIDomains:     []string{"g.example"},
		ExcludedURIDomains:      []string{".h.example"},
	}
	certificate := mustIssue(t, with(aCA(), func(r *issue.Request) { r.NameConstraints = asked }), nil).Certificate
	texts := func(networks []*net.IPNet) (texts []string) {
		for _, network := range networks {
			texts = append(texts, network.String())
		}
		return texts
	}
	got := issue.NameConstraints{
		PermittedDNSDomains:     certificate.PermittedDNSDomains,
		ExcludedDNSDomains:      certificate.ExcludedDNSDomains,
		PermittedIPRanges:       texts(certificate.PermittedIPRanges),
		ExcludedIPRanges:        texts(certificate.ExcludedIPRanges),
		PermittedEmailAddresses: certificate.PermittedEmailAddresses,
		ExcludedEmailAddresses:  certificate.ExcludedEmailAddresses,
		PermittedURIDomains:     certificate.PermittedURIDomains,
		ExcludedURIDomains:      certificate.ExcludedURIDomains,
	}
	if diff := cmp.Diff(asked, got); diff != "" {
		t.Errorf("name constraints (-want +got):\n%s", diff)
	}
	if !extension(certificate, nameConstraints).Critical {
		t.Error("name constraints are not critical")
	}
	if extension(mustIssue(t, aCA(), nil).Certificate, nameConstraints) != nil {
		t.Error("a CA without name constraints has the extension")
	}
}

func TestRevocationPointers(t *testing.T) {
	certificate := mustIssue(t, with(aCA(), func(r *issue.Request) {
		r.CRLDistributionPoints, r.OCSPServers = []string{"http://crl.example/a.crl", "http://crl.example/b.crl"}, []string{"http://ocsp.example/"}
	}), nil).Certificate
	if diff := cmp.Diff([]string{"http://crl.example/a.crl", "http://crl.example/b.crl"}, certificate.CRLDistributionPoints); diff != "" {
		t.Errorf("revocation lists (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"http://ocsp.example/"}, certificate.OCSPServer); diff != "" {
		t.Errorf("OCSP responders (-want +got):\n%s", diff)
	}
}

// TestChain is what a peer presents: the certificate, every intermediate, and
// no root, whether the issuer came with it or not.
func TestChain(t *testing.T) {
	root := mustIssue(t, calling("root", aCA()), nil)
	policy := mustIssue(t, calling("policy", aCA()), below(root))
	issuing := mustIssue(t, calling("issuing", aCA()), below(policy))
	for name, test := range map[string]struct {
		issued *issue.Issued
		want   []*x509.Certificate
	}{
		"a root":         {root, []*x509.Certificate{root.Certificate}},
		"below a root":   {policy, []*x509.Certificate{policy.Certificate}},
		"below a policy": {issuing, []*x509.Certificate{issuing.Certificate, policy.Certificate}},
	} {
		if !slices.EqualFunc(test.issued.Chain, test.want, (*x509.Certificate).Equal) {
			t.Errorf("%s: %d certificates, want %d", name, len(test.issued.Chain), len(test.want))
		}
	}
	with, without := mustIssue(t, aLeaf(), below(issuing, root)), mustIssue(t, aLeaf(), below(issuing))
	if len(with.Chain) != 3 || len(without.Chain) != 3 {
		t.Errorf("%d certificates below a chain with its root, %d without, want 3", len(with.Chain), len(without.Chain))
	}
}

// TestDefaultValidity is what a request without one means.
func TestDefaultValidity(t *testing.T) {
	for profile, want := range map[issue.Profile]time.Duration{
		issue.ControlPlaneCA: 87600 * time.Hour, issue.PinnedCertificate: 87600 * time.Hour, issue.DataplaneCertificate: 8760 * time.Hour,
	} {
		if got := profile.DefaultValidity(); got != want {
			t.Errorf("profile %d: %s, want %s", profile, got, want)
		}
	}
}

package issue_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// world is what random requests are made of and held against: issuers, keys and
// signing requests, good and bad.
type world struct {
	graph    *pkitest.Graph
	issuers  []*issue.Issuer
	keys     []crypto.Signer
	requests []*x509.CertificateRequest
}

func makeWorld(t *testing.T) world {
	t.Helper()
	graph := pkitest.Build(t, `
		a <- ca <- root
		b <- narrow <- root
		c <- last <- root
		d <- clients <- root
		e <- ended <- root
		f <- deep <- middle <- short
		g <- ca~rolled <- rolled~2 <- rolled
		h <- weak
		i <- sha1 <- root
		j <- named <- strict
		k <- v1root
		l <- ca~new <- v1root
		m <- odd <- root
		n <- future
		leaf`,
		pkitest.With("narrow", permitted("dns", "acme.example"), permitted("ip", "192.0.2.0/24"), excluded("email", "acme.example"), excluded("uri", "a")),
		pkitest.With("last", pkitest.PathLength(0)),
		pkitest.With("clients", pkitest.Purposes(x509.ExtKeyUsageClientAuth)),
		pkitest.With("ended", pkitest.ExpiredFor(time.Hour)),
		pkitest.With("short", pkitest.PathLength(1)),
		pkitest.With("rolled", pkitest.PathLength(2)),
		pkitest.With("weak", pkitest.Algorithm(pkitest.RSA1024)),
		pkitest.With("sha1", pkitest.SHA1()),
		pkitest.With("named", pkitest.DNS("named.other.example")),
		pkitest.With("strict", permitted("dns", "acme.example")),
		pkitest.With("v1root", pkitest.Version1()),
		pkitest.With("odd", pkitest.UnknownCriticalExtension()),
		pkitest.With("future", pkitest.StartsIn(time.Hour)),
		pkitest.With("leaf", pkitest.Algorithm(pkitest.ECDSAP224)))
	w := world{graph: graph, keys: []crypto.Signer{graph.Key("a"), graph.Key("leaf"), graph.Key("weak")}}
	for _, path := range [][]string{
		{"ca"}, {"ca", "root"}, {"root"}, {"narrow", "root"}, {"last", "root"}, {"clients", "root"}, {"ended", "root"}, {"deep", "middle", "short"},
		{"deep", "middle"}, {"ca~rolled", "rolled~2", "rolled"}, {"weak"}, {"sha1", "root"}, {"sha1"}, {"named", "strict"}, {"v1root"},
		{"ca~new", "v1root"}, {"odd"}, {"ca", "odd"}, {"future"}, {"a"}, {"a", "ca", "root"}, {"leaf"}, {"root", "root"}, {"ca", "narrow"},
	} {
		w.issuers = append(w.issuers, issuerOf(graph, path[0], path[1:]...))
	}
	w.issuers = append(w.issuers, &issue.Issuer{Certificate: graph.Certificate("ca"), Key: graph.Key("root")})
	w.requests = []*x509.CertificateRequest{
		mustRequest(t, &x509.CertificateRequest{Subject: pkix.Name{CommonName: "asked"}, DNSNames: []string{"asked.acme.example"}}, pki.ECDSAP256),
		mustRequest(t, &x509.CertificateRequest{EmailAddresses: []string{"ops@acme.example"}}, pki.Ed25519),
		mustRequest(t, &x509.CertificateRequest{Subject: pkix.Name{CommonName: "ca"}, DNSNames: []string{"a b"}}, pki.ECDSAP256),
		mustRequest(t, &x509.CertificateRequest{Subject: pkix.Name{CommonName: "weak"}}, pkitest.RSA1024),
		openSSLRequest(t, "-subj", "/DC=example"),
		openSSLRequest(t, "-subj", "/CN=edge", "-addext", "basicConstraints=CA:TRUE"),
	}
	return w
}

// oneOf draws one of good, and one of bad now and then. Values of rapid tend to
// be small, so that the last of twenty is rarer than one in twenty.
func oneOf[T any](t *rapid.T, label string, good, bad []T) T {
	if len(bad) > 0 && rapid.IntRange(0, 19).Draw(t, label+" is bad") == 19 {
		return rapid.SampledFrom(bad).Draw(t, label)
	}
	return rapid.SampledFrom(good).Draw(t, label)
}

// some draws a list of up to two good values mostly, of any text now and then;
// nil as well as empty.
func some(t *rapid.T, label string, good ...string) []string {
	if rapid.Bool().Draw(t, label+" are nil") {
		return nil
	}
	bad := []string{rapid.String().Draw(t, label+" otherwise"), good[0]}
	list := []string{}
	for _, value := range rapid.Permutation(good).Draw(t, label)[:rapid.IntRange(0, min(2, len(good))).Draw(t, label+" in number")] {
		list = append(list, oneOf(t, label, []string{value}, bad))
	}
	return list
}

// request draws a request that is sound about as often as not.
func (w world) request(t *rapid.T, profile issue.Profile) issue.Request {
	r := issue.Request{
		Profile:        profile,
		Subject:        pkix.Name{CommonName: oneOf(t, "common name", []string{"edge", "Müller"}, []string{"ca", "", " x"})},
		DNSNames:       some(t, "DNS names", "edge.acme.example", "*.acme.example", "edge.other.example"),
		IPAddresses:    some(t, "addresses", "192.0.2.1", "198.51.100.1", "2001:db8::1"),
		URIs:           some(t, "URIs", "spiffe://acme.example/edge", "urn:a:b", "https://192.0.2.1/"),
		EmailAddresses: some(t, "mailboxes", "ops@acme.example", "ops@other.example"),
		Validity: oneOf(t, "validity", []time.Duration{0, 2 * time.Second, time.Minute, 8760 * time.Hour, 1<<63 - 1},
			[]time.Duration{-1, 1, time.Second, 2*time.Second - 1}),
		KeyAlgorithm:          oneOf(t, "algorithm", []pki.KeyAlgorithm{"", pki.Ed25519}, []pki.KeyAlgorithm{"DSA"}),
		MaxPathLength:         oneOf(t, "path length", []*int{nil, new(0)}, []*int{new(-1), new(1), new(math.MaxInt)}),
		CRLDistributionPoints: some(t, "revocation lists", "http://crl.acme.example/"),
		OCSPServers:           some(t, "OCSP responders", "http://ocsp.acme.example/"),
		ExtendedKeyUsages:     oneOf(t, "purposes", [][]x509.ExtKeyUsage{nil, both(), both()[:1]}, [][]x509.ExtKeyUsage{{x509.ExtKeyUsageCodeSigning}, append(both(), both()...)}),
	}
	if rapid.Bool().Draw(t, "constrained") {
		r.NameConstraints.PermittedDNSDomains = some(t, "permitted domains", "acme.example", ".other.example")
		r.NameConstraints.ExcludedIPRanges = some(t, "excluded ranges", "192.0.2.0/24", "2001:0DB8::/32")
	}
	switch rapid.IntRange(0, 5).Draw(t, "key") {
	case 4:
		r.Key = oneOf(t, "its key", w.keys[:1], w.keys)
	case 5:
		r.CSR = oneOf(t, "signing request", w.requests[:2], w.requests)
		r.Subject.CommonName = oneOf(t, "common name beside it", []string{"", "edge"}, nil)
	}
	return r
}

// order draws a request and an issuer that fits it, or any issuer now and then.
func (w world) order(t *rapid.T) (issue.Request, *issue.Issuer) {
	profile := rapid.SampledFrom([]issue.Profile{issue.DataplaneCertificate, issue.ControlPlaneCA, issue.PinnedCertificate}).Draw(t, "profile")
	request := w.request(t, profile)
	fit := w.issuers[:4]
	if profile != issue.DataplaneCertificate {
		fit = []*issue.Issuer{nil}
	}
	if profile == issue.ControlPlaneCA {
		fit = append(fit, w.issuers[:3]...)
	}
	return request, oneOf(t, "issuer", fit, append([]*issue.Issuer{nil}, w.issuers...))
}

// TestCheckFindsWhatIssueRefuses: a request that nothing is found against is
// issued, and any other is refused for what was found. So a plan without faults
// is an apply without.
func TestCheckFindsWhatIssueRefuses(t *testing.T) {
	w := makeWorld(t)
	sound, faulty := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		request, issuer := w.order(t)
		found := issue.Check(request, issuer, now(), issue.Unknown{})
		issued, err := issue.Issue(t.Context(), request, issuer, now())
		if (len(found) == 0) != (err == nil) || (err == nil) != (issued != nil) {
			t.Fatalf("found %v, issued %t, error %v", found, issued != nil, err)
		}
		if err != nil {
			faulty++
			return
		}
		sound++
	})
	t.Logf("%d sound requests, %d faulty ones", sound, faulty)
	if sound == 0 || faulty == 0 {
		t.Error("the generator draws requests of one kind alone, and shows nothing")
	}
}

// TestIssuedIsTrustedByItsIssuerAlone: whoever trusts the top of the issuer's
// chain takes what was issued for each purpose that it has; whoever trusts a
// stranger does not, even one of the same name.
func TestIssuedIsTrustedByItsIssuerAlone(t *testing.T) {
	w := makeWorld(t)
	strangers := pkitest.Build(t, "a <- ca\nb <- root\nc <- narrow\nd <- last\ne <- clients\nf <- deep\ng <- short\nh <- middle")
	rapid.Check(t, func(t *rapid.T) {
		request, issuer := w.order(t)
		issued, err := issue.Issue(t.Context(), request, issuer, now())
		if err != nil {
			return
		}
		top := issued.Certificate
		if issuer != nil {
			top = append([]*x509.Certificate{issuer.Certificate}, issuer.Chain...)[len(issuer.Chain)]
		}
		purposes := issued.Certificate.ExtKeyUsage
		if len(purposes) == 0 {
			purposes = []x509.ExtKeyUsage{x509.ExtKeyUsageAny}
		}
		for _, purpose := range purposes {
			if err := verified(issued.Certificate, issued.Chain, top, purpose); err != nil {
				t.Fatalf("refused by who trusts %s: %v", pki.Describe(top), err)
			}
			for _, stranger := range strangers.Names() {
				if verified(issued.Certificate, issued.Chain, strangers.Certificate(stranger), purpose) == nil {
					t.Fatalf("trusted by who trusts a stranger called %s", stranger)
				}
			}
		}
	})
}

// TestCertificateIsAsAsked: what the request says is what the certificate says.
func TestCertificateIsAsAsked(t *testing.T) {
	w := makeWorld(t)
	rapid.Check(t, func(t *rapid.T) {
		request, issuer := w.order(t)
		issued, err := issue.Issue(t.Context(), request, issuer, now())
		if err != nil {
			return
		}
		certificate := issued.Certificate
		if request.PublicKey() != nil && !pki.SameKey(certificate.PublicKey, request.PublicKey()) {
			t.Fatal("it is for another key")
		}
		if request.CSR == nil && len(certificate.DNSNames)+len(certificate.IPAddresses)+len(certificate.URIs)+len(certificate.EmailAddresses) !=
			len(request.DNSNames)+len(request.IPAddresses)+len(request.URIs)+len(request.EmailAddresses) {
			t.Fatalf("of the names asked for it has %+v", pki.NamesOf(certificate))
		}
		if certificate.IsCA != (request.Profile == issue.ControlPlaneCA) {
			t.Fatalf("CA %t", certificate.IsCA)
		}
		end, _ := issue.End(request, issuer, now())
		if !certificate.NotAfter.Equal(end) || certificate.NotBefore.After(now()) || end.Before(now()) {
			t.Fatalf("valid from %s to %s, foretold %s", certificate.NotBefore, certificate.NotAfter, end)
		}
		if !slices.Equal(certificate.CRLDistributionPoints, request.CRLDistributionPoints) || !slices.Equal(certificate.OCSPServer, request.OCSPServers) {
			t.Fatalf("revocation is looked up at %q and %q", certificate.CRLDistributionPoints, certificate.OCSPServer)
		}
		if !issue.Matches(certificate, request, issuer) {
			t.Fatal("imported, it would be made anew")
		}
		elsewhere := request
		elsewhere.OCSPServers = []string{"http://elsewhere.example/"}
		if request.Profile != issue.PinnedCertificate && issue.Matches(certificate, elsewhere, issuer) {
			t.Fatal("imported, it would be kept with another OCSP responder")
		}
	})
}

// TestNothingIsHeldAgainstWhatIsUnknown: what is found against a request of which
// a part is not known yet is found against the whole of it too.
func TestNothingIsHeldAgainstWhatIsUnknown(t *testing.T) {
	w := makeWorld(t)
	told := 0
	rapid.Check(t, func(t *rapid.T) {
		request, issuer := w.order(t)
		known := request
		rapid.SampledFrom([]func(){
			func() { known.Subject = pkix.Name{} },
			func() { known.DNSNames = nil },
			func() { known.ExtendedKeyUsages = nil },
			func() { known.CSR = nil },
			func() { known.MaxPathLength = nil },
			func() { known.NameConstraints = issue.NameConstraints{} },
			func() { request.Subject.Organization = []string{"Acme"} },
		}).Draw(t, "unknown")()
		whole := issue.Check(request, issuer, now(), issue.Unknown{})
		for _, violation := range issue.Check(known, issuer, now(), issue.Unknown{Request: true}) {
			told++
			if !slices.ContainsFunc(whole, func(v issue.Violation) bool { return v.Summary == violation.Summary }) {
				t.Fatalf("told at plan alone: %+v", violation)
			}
		}
	})
	if told == 0 {
		t.Error("nothing was found at plan, so nothing is shown")
	}
}

// TestIssueLeavesItsArgumentsAlone: the same request can be issued again, and
// the same issuer used.
func TestIssueLeavesItsArgumentsAlone(t *testing.T) {
	w := makeWorld(t)
	rapid.Check(t, func(t *rapid.T) {
		request, issuer := w.order(t)
		before, issuerBefore := copied(request), copiedIssuer(t, issuer)
		_, _ = issue.Issue(t.Context(), request, issuer, now())
		if !reflect.DeepEqual(request, before) {
			t.Errorf("request\n%+v, was\n%+v", request, before)
		}
		if issuer != nil { // but for what was found of it, which is kept
			issuer = &issue.Issuer{Certificate: issuer.Certificate, Chain: issuer.Chain, Root: issuer.Root, Key: issuer.Key}
		}
		if !reflect.DeepEqual(issuer, issuerBefore) {
			t.Error("the issuer is not what it was")
		}
	})
}

// copied copies all of a request that could be written to.
func copied(request issue.Request) issue.Request {
	copyOf := func(texts []string) []string { return append(texts[:0:0], texts...) }
	for _, list := range []*[]string{
		&request.DNSNames, &request.IPAddresses, &request.URIs, &request.EmailAddresses, &request.CRLDistributionPoints, &request.OCSPServers,
		&request.NameConstraints.PermittedDNSDomains, &request.NameConstraints.ExcludedIPRanges,
	} {
		*list = copyOf(*list)
	}
	request.ExtendedKeyUsages = append(request.ExtendedKeyUsages[:0:0], request.ExtendedKeyUsages...)
	if request.MaxPathLength != nil {
		request.MaxPathLength = new(*request.MaxPathLength)
	}
	if request.CSR != nil {
		again, err := x509.ParseCertificateRequest(bytes.Clone(request.CSR.Raw))
		if err != nil {
			panic(err)
		}
		request.CSR = again
	}
	return request
}

func copiedIssuer(t *rapid.T, issuer *issue.Issuer) *issue.Issuer {
	if issuer == nil {
		return nil
	}
	again := func(certificate *x509.Certificate) *x509.Certificate {
		parsed, err := x509.ParseCertificate(bytes.Clone(certificate.Raw))
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	other := &issue.Issuer{Certificate: again(issuer.Certificate), Key: issuer.Key}
	for _, certificate := range issuer.Chain {
		other.Chain = append(other.Chain, again(certificate))
	}
	return other
}

// FuzzCSR: whatever a request holds, it is judged without a panic,
// and answered if nothing was found against it.
func FuzzCSR(f *testing.F) {
	issuer := below(mustIssue(f, aCA(), nil))
	f.Add(mustRequest(f, &x509.CertificateRequest{Subject: pkix.Name{CommonName: "edge"}, DNSNames: []string{"edge.example"}}, pki.ECDSAP256).Raw)
	f.Add(openSSLRequest(f, "-subj", "/CN=edge", "-addext", "basicConstraints=CA:TRUE", "-addext", "keyUsage=keyCertSign").Raw)
	f.Add(openSSLRequest(f, "-subj", "/DC=example", "-addext", "subjectAltName=DNS:edge.example,email:ops@acme.example,RID:1.2.3.4").Raw)
	f.Fuzz(func(t *testing.T, der []byte) {
		csr, err := x509.ParseCertificateRequest(der)
		if err != nil {
			return
		}
		found := issue.Check(answering(csr), issuer, now(), issue.Unknown{})
		if _, err := issue.Issue(t.Context(), answering(csr), issuer, now()); (err == nil) != (len(found) == 0) {
			t.Fatalf("found %v, error %v", found, err)
		}
	})
}

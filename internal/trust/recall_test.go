package trust_test

import (
	"crypto/x509"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// A visibleFault is one thing wrong with one certificate of a chain, with the
// code that a verdict must have for it, whatever else is wrong.
type visibleFault struct {
	name      string
	node      string
	deviation pkitest.Deviation
	list      *pkitest.Revocation
	required  time.Duration
	code      trust.Code
	// openSSL marks what only OpenSSL refuses.
	openSSL bool
}

func visibleFaults() []visibleFault {
	old := pkitest.Now().AddDate(0, 0, -2)
	return []visibleFault{
		{name: "expired leaf", node: "edge", deviation: pkitest.ExpiredFor(time.Hour), code: trust.Expired},
		{name: "leaf of tomorrow", node: "edge", deviation: pkitest.StartsIn(time.Hour), code: trust.NotYetValid},
		{name: "expired intermediate", node: "issuing", deviation: pkitest.ExpiredFor(time.Hour), code: trust.Expired},
		{name: "expired upper intermediate", node: "middle", deviation: pkitest.ExpiredFor(time.Hour), code: trust.Expired},
		{name: "ends too soon", node: "edge", deviation: pkitest.EndsIn(time.Hour), required: 2 * time.Hour, code: trust.EndsTooSoon},
		{name: "for servers", node: "edge", deviation: pkitest.Purposes(x509.ExtKeyUsageServerAuth), code: trust.WrongPurpose},
		{name: "a CA for servers", node: "issuing", deviation: pkitest.Purposes(x509.ExtKeyUsageServerAuth), code: trust.WrongPurpose},
		{name: "signs no handshake", node: "edge", deviation: pkitest.KeyUsage(x509.KeyUsageKeyEncipherment), code: trust.WrongKeyUsage, openSSL: true},
		{name: "critical extension", node: "edge", deviation: pkitest.UnknownCriticalExtension(), code: trust.UnknownCriticalExtension},
		{name: "critical extension of a CA", node: "middle", deviation: pkitest.UnknownCriticalExtension(), code: trust.UnknownCriticalExtension},
		{name: "SHA-1", node: "edge", deviation: pkitest.SHA1(), code: trust.WeakSignature},
		{name: "SHA-1 of a CA", node: "issuing", deviation: pkitest.SHA1(), code: trust.WeakSignature},
		{name: "weak key", node: "edge", deviation: pkitest.Algorithm(pkitest.RSA1024), code: trust.WeakKey, openSSL: true},
		{name: "not a CA", node: "issuing", deviation: pkitest.CA(false), code: trust.NotACA},
		{name: "may not sign", node: "issuing", deviation: pkitest.KeyUsage(x509.KeyUsageCRLSign), code: trust.MayNotSign},
		{name: "may not sign, above", node: "middle", deviation: pkitest.KeyUsage(x509.KeyUsageCRLSign), code: trust.MayNotSign},
		{name: "path length", node: "middle", deviation: pkitest.PathLength(0), code: trust.PathLengthExceeded},
		{name: "name", node: "issuing", deviation: pkitest.Permitted(dns("a.example")), code: trust.NameNotPermitted},
		{name: "another key id", node: "edge", deviation: pkitest.AuthorityKeyID([]byte("another key")), code: trust.KeyIDMismatch, openSSL: true},
		{name: "broken signature", node: "issuing", deviation: pkitest.BrokenSignature(), code: trust.SignatureBroken},
		{name: "revoked", node: "edge", list: &pkitest.Revocation{Issuer: "issuing", Revoked: []string{"edge"}}, code: trust.Revoked},
		{name: "revoked by a stale list", node: "edge", list: &pkitest.Revocation{Issuer: "issuing", Revoked: []string{"edge"}, ThisUpdate: old, NextUpdate: old.Add(time.Hour)}, code: trust.Revoked},
		{name: "revoked intermediate", node: "issuing", list: &pkitest.Revocation{Issuer: "middle", Revoked: []string{"issuing"}}, code: trust.Revoked},
	}
}

// A gap is a certificate that is not there, and the code for that.
type gap struct {
	missing string
	code    trust.Code
	visible string // what is on the path all the same
}

func gaps() []gap {
	return []gap{
		{"", "", "edge issuing middle root"},
		{"issuing", trust.IssuerMissing, "edge"},
		{"middle", trust.IssuerMissing, "edge issuing"},
		{"root", trust.IssuerMissing, "edge issuing middle"},
	}
}

// needsIssuer says of a fault that it is one between a certificate and its
// issuer, and cannot be seen at a gap.
func (f visibleFault) needsIssuer(visible string) bool {
	above := map[string]string{"edge": "issuing", "issuing": "middle", "middle": "root"}[f.node]
	between := f.code == trust.KeyIDMismatch || f.code == trust.SignatureBroken
	return between && !strings.Contains(visible, above) || f.code == trust.PathLengthExceeded && !strings.Contains(visible, "middle")
}

// contradict says of two faults that one certificate cannot have both, or that
// one undoes the other.
func contradict(a, b visibleFault) bool {
	kinds := func(f visibleFault) string {
		switch f.code {
		case trust.Expired, trust.NotYetValid, trust.EndsTooSoon:
			return "dates"
		case trust.MayNotSign, trust.WrongKeyUsage:
			return "key usage"
		case trust.NotACA, trust.PathLengthExceeded, trust.NameNotPermitted:
			return "basic constraints"
		default:
			return f.name
		}
	}
	// Of a path that is over already, it is not said that it ends too soon; and a CA
	// that is none limits no path.
	over := func(x, y visibleFault) bool { return x.code == trust.EndsTooSoon && y.code == trust.Expired }
	lists := a.list != nil && b.list != nil
	return a.node == b.node && kinds(a) == kinds(b) || over(a, b) || over(b, a) || lists
}

// TestRecall shows, for all pairs of faults, with and without a gap above them,
// that each fault that can be seen has its code, and that no other error is
// reported.
func TestRecall(t *testing.T) {
	for _, verifier := range []trust.Verifier{trust.Konnect, trust.KongHybridPKI} {
		t.Run(string(verifier), func(t *testing.T) {
			t.Parallel()
			wanted, found := 0, 0
			for _, g := range gaps() {
				for i, a := range visibleFaults() {
					for _, b := range visibleFaults()[i+1:] {
						if contradict(a, b) {
							continue
						}
						w, f := recall(t, verifier, g, a, b)
						wanted, found = wanted+w, found+f
					}
				}
			}
			announce(t, fmt.Sprintf("recall, %s: %d of %d faults found", verifier, found, wanted))
		})
	}
}

// TestRecallOfThree is [TestRecall] for a sample of triples, since there are some
// 6,000 of them for each verifier. Each gap gets the same share.
func TestRecallOfThree(t *testing.T) {
	const share = 250
	for _, verifier := range []trust.Verifier{trust.Konnect, trust.KongHybridPKI} {
		t.Run(string(verifier), func(t *testing.T) {
			t.Parallel()
			all := triples()
			random := rand.New(rand.NewPCG(12, 1))
			wanted, found, chains := 0, 0, 0
			for _, g := range gaps() {
				for _, i := range random.Perm(len(all))[:share] {
					w, f := recall(t, verifier, g, all[i]...)
					wanted, found, chains = wanted+w, found+f, chains+1
				}
			}
			announce(t, fmt.Sprintf("recall of triples, %s: %d of %d faults found in %d chains", verifier, found, wanted, chains))
		})
	}
}

// triples are all that one chain can have together.
func triples() [][]visibleFault {
	var all [][]visibleFault
	faults := visibleFaults()
	for i, a := range faults {
		for j, b := range faults[i+1:] {
			for _, c := range faults[i+j+2:] {
				if !contradict(a, b) && !contradict(a, c) && !contradict(b, c) {
					all = append(all, []visibleFault{a, b, c})
				}
			}
		}
	}
	return all
}

// recall judges a chain with some faults, and counts those that can be seen and
// those that are reported.
func recall(t *testing.T, verifier trust.Verifier, g gap, faults ...visibleFault) (wanted, found int) {
	t.Helper()
	const drawing = "edge <- issuing <- middle <- root"
	story := []string{"without " + g.missing}
	options := trust.Options{Verifier: verifier, At: pkitest.Now()}
	codes := map[trust.Code]bool{}
	list := settings(with("edge", pkitest.DNS("b.example")))
	for _, f := range faults {
		story = append(story, f.name)
		if f.deviation != nil {
			list = append(list, with(f.node, f.deviation))
		}
		options.RequireValidFor = max(options.RequireValidFor, f.required)
		if strings.Contains(g.visible, f.node) && !f.needsIssuer(g.visible) && (!f.openSSL || verifier != trust.Konnect) {
			codes[f.code] = true
		}
	}
	if g.code != "" {
		codes[g.code] = true
	}
	graph := pkitest.Build(t, drawing, list...)
	for _, f := range faults {
		if f.list != nil {
			options.RevocationLists = append(options.RevocationLists, graph.RevocationList(*f.list))
		}
	}
	presented := slices.DeleteFunc(strings.Fields("edge issuing middle"), func(name string) bool { return name == g.missing })
	anchors := graph.Certificates("root")
	if g.missing == "root" {
		anchors = pkitest.Build(t, "stranger <- other").Certificates("other")
	}
	verdict := trust.Evaluate(anchors, graph.Certificates(presented...), options)
	for _, finding := range verdict.Findings {
		if finding.Severity == trust.Error && !codes[finding.Code] {
			t.Errorf("%s: %s is not true: %s", strings.Join(story, ", "), finding.Code, finding.Detail)
		}
	}
	for code := range maps.Keys(codes) {
		wanted++
		if slices.ContainsFunc(verdict.Findings, func(f trust.Finding) bool { return f.Code == code && f.Severity == trust.Error }) {
			found++
		} else {
			t.Errorf("%s: %s is missing: %s", strings.Join(story, ", "), code, codesOf(verdict))
		}
	}
	return wanted, found
}

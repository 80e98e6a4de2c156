package issue_test

import (
	"crypto/x509"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

func drawnLimits(t *rapid.T) issue.Limits {
	texts := func(name string, of ...string) []string {
		return rapid.SliceOfNDistinct(rapid.SampledFrom(of), 0, 2, func(text string) string { return text }).Draw(t, name)
	}
	limits := issue.Limits{NameConstraints: issue.NameConstraints{
		PermittedDNSDomains: texts("permitted domains", "acme.internal", ".acme.example"), ExcludedDNSDomains: texts("excluded domains", "old.acme.internal", "Other.Example"),
		PermittedIPRanges: texts("permitted ranges", "10.0.0.0/8", "2001:db8::/32"), ExcludedIPRanges: texts("excluded ranges", "10.1.0.0/16"),
		PermittedEmailAddresses: texts("permitted mailboxes", "acme.example", "ops@acme.example"), ExcludedEmailAddresses: texts("excluded mailboxes", "a+b@acme.example"),
		PermittedURIDomains: texts("permitted hosts", "acme.example"), ExcludedURIDomains: texts("excluded hosts", ".old.example"),
	}}
	if rapid.Bool().Draw(t, "has a path length") {
		limits.MaxPathLength = new(rapid.IntRange(-2, 5).Draw(t, "path length"))
	}
	return limits
}

// TestLawLimitsAreReadAsTheyAreWritten: parse after write is the identity.
func TestLawLimitsAreReadAsTheyAreWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limits := drawnLimits(t)
		again, err := issue.ParseLimits(limits.String())
		if err != nil || again.String() != limits.String() {
			t.Fatalf("%q is read as %q (%v)", limits, again, err)
		}
	})
	for _, text := range []string{"pathlen:", "pathlen:x", "pathlen:99999999999", "permitted", "permitted;dirName:x", "permitted;DNS:%zz", "\x1b[2J"} {
		if _, err := issue.ParseLimits(text); err == nil || strings.ContainsRune(err.Error(), '\x1b') {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestLawLimitsToComeAreThoseOfTheCertificates: what a plan says of CAs that are
// not made yet is what their certificates say then, byte for byte.
func TestLawLimitsToComeAreThoseOfTheCertificates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var issuer *issue.Issuer
		var foreseen []issue.Limits
		for range rapid.IntRange(1, 3).Draw(t, "depth") {
			request := aCA()
			drawn := drawnLimits(t)
			request.NameConstraints, request.MaxPathLength = drawn.NameConstraints, drawn.MaxPathLength
			request.Subject.CommonName = "CA " + rapid.StringMatching(`[a-z]{8}`).Draw(t, "name")
			issued, err := issue.Issue(t.Context(), request, issuer, now())
			if err != nil {
				return // refused: another test's matter
			}
			foreseen = issue.LimitsToCome(request, foreseen)
			if found := issue.LimitsOfPath(issuer.PathTo(issued.Certificate)); !reflect.DeepEqual(writtenLimits(foreseen), writtenLimits(found)) {
				t.Fatalf("foreseen was %q, found %q", writtenLimits(foreseen), writtenLimits(found))
			}
			next := &issue.Issuer{Certificate: issued.Certificate, Key: issued.Key}
			if issuer != nil {
				next.Chain, next.Root = issuer.PathTo(issuer.Certificate)[1:], issuer.Top()
				next.Chain = next.Chain[:len(next.Chain)-1]
			}
			issuer = next
		}
	})
}

func writtenLimits(all []issue.Limits) []string {
	var texts []string
	for _, limits := range all {
		texts = append(texts, limits.String())
	}
	return texts
}

// TestLimitsToCome: what is unknown of an issuer but its limits is refused as the
// limits of a certificate are.
func TestLimitsToCome(t *testing.T) {
	limits := []issue.Limits{{MaxPathLength: new(1), NameConstraints: issue.NameConstraints{PermittedDNSDomains: []string{"acme.internal"}, ExcludedIPRanges: []string{"10.0.0.0/8"}}}}
	leaf := func(change func(*issue.Request)) issue.Request {
		request := issue.Request{Profile: issue.DataplaneCertificate}
		change(&request)
		return request
	}
	for name, row := range map[string]struct {
		request issue.Request
		want    []string // fields
	}{
		"permitted":          {leaf(func(r *issue.Request) { r.DNSNames = []string{"edge.acme.internal"} }), nil},
		"another":            {leaf(func(r *issue.Request) { r.DNSNames = []string{"edge.acme.internal", "edge.evil.example"} }), []string{"dns_names"}},
		"excluded":           {leaf(func(r *issue.Request) { r.DNSNames, r.IPAddresses = []string{"a.acme.internal"}, []string{"10.2.3.4"} }), []string{"ip_addresses"}},
		"by its common name": {leaf(func(r *issue.Request) { r.Subject.CommonName = "edge.evil.example" }), []string{"subject.common_name"}},
		"CA":                 {aCA(), nil},
		"CA for others":      {issue.Request{Profile: issue.ControlPlaneCA, Subject: aCA().Subject, MaxPathLength: new(1)}, []string{"max_path_length"}},
	} {
		t.Run(name, func(t *testing.T) {
			var fields []string
			for _, violation := range issue.Check(row.request, nil, now(), issue.Unknown{Issuer: true, Limits: limits}) {
				fields = append(fields, violation.Field)
			}
			if diff := cmp.Diff(row.want, fields); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestRootAboveTheChainBinds: a root that the chain leaves out limits what is
// issued, and is not presented.
func TestRootAboveTheChainBinds(t *testing.T) {
	graph := pkitest.Build(t, "edge <- issuing <- root", pkitest.With("root", pkitest.Permitted(pkitest.Subtree{Kind: "dns", Base: "acme.internal"}), pkitest.PathLength(1)))
	issuer := &issue.Issuer{Certificate: graph.Certificate("issuing"), Root: graph.Certificate("root"), Key: graph.Key("issuing")}
	for _, row := range []struct {
		request issue.Request
		want    string
	}{
		{issue.Request{Profile: issue.DataplaneCertificate, DNSNames: []string{"edge.evil.example"}}, "Name constraint violated"},
		{issue.Request{Profile: issue.ControlPlaneCA, Subject: aCA().Subject}, "Path length exceeded"},
	} {
		if found := issue.Check(row.request, issuer, pkitest.Now(), issue.Unknown{}); len(found) != 1 || found[0].Summary != row.want {
			t.Errorf("found %v, want %s", found, row.want)
		}
		if _, err := issue.Issue(t.Context(), row.request, issuer, pkitest.Now()); err == nil {
			t.Errorf("issued in spite of: %s", row.want)
		}
	}
	issued, err := issue.Issue(t.Context(), issue.Request{Profile: issue.DataplaneCertificate, DNSNames: []string{"edge.acme.internal"}}, issuer, pkitest.Now())
	if err != nil {
		t.Fatal(err)
	}
	if got := len(issued.Chain); got != 2 {
		t.Errorf("%d certificates are presented, want the leaf and its issuer", got)
	}
	if found := issue.CheckBelow(graph.Certificate("edge"), &issue.Issuer{Certificate: graph.Certificate("issuing"), Root: graph.Certificate("root")}); len(found) == 0 && len(graph.Certificate("edge").DNSNames) > 0 {
		t.Error("a certificate that was made elsewhere is not held against the root")
	}
	again := append([]*x509.Certificate{}, graph.Certificate("root"))
	issuer.Chain = again // among them or not
	if found := issue.Check(issue.Request{Profile: issue.DataplaneCertificate, DNSNames: []string{"edge.acme.internal"}}, issuer, pkitest.Now(), issue.Unknown{}); len(found) > 0 {
		t.Errorf("the root twice: %v", found)
	}
}

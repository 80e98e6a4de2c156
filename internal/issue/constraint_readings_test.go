package issue_test

import (
	"crypto/x509"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// A reading is a name, a constraint, and who accepts a certificate with the one
// below a CA with the other, which permits or excludes it.
type reading struct {
	kind, base, name    string
	goPermits, permits  bool // to crypto/x509 and to OpenSSL, where the CA permits base
	goExcludes, exclude bool // whether they refuse, where the CA excludes base
}

func readings() []reading {
	return []reading{
		// Read alike.
		{"email", "acme.example", "ops@acme.example", true, true, true, true},
		{"email", "acme.example", "ops@ACME.example", true, true, true, true},
		{"email", "acme.example", "ops@other.example", false, false, false, false},
		{"email", ".acme.example", "ops@sub.acme.example", true, true, true, true},
		{"email", ".acme.example", "ops@a.sub.acme.example", true, true, true, true},
		{"email", "ops@acme.example", "ops@acme.example", true, true, true, true},
		{"email", "ops@acme.example", "OPS@acme.example", false, false, false, false},
		{"email", "ops@acme.example", "ops@ACME.example", true, true, true, true},
		{"email", "ops@acme.example", "ops@sub.acme.example", false, false, false, false},
		{"email", "cme.example", "ops@acme.example", false, false, false, false},
		{"uri", "acme.example", "https://acme.example/edge", true, true, true, true},
		{"uri", "acme.example", "https://acme.example:8443/edge", true, true, true, true},
		{"uri", "acme.example", "spiffe://ACME.example/edge", true, true, true, true},
		{"uri", "acme.example", "spiffe://other.example/edge", false, false, false, false},
		{"uri", ".acme.example", "spiffe://sub.acme.example/edge", true, true, true, true},
		{"uri", "cme.example", "spiffe://acme.example/edge", false, false, false, false},
		// Read in two ways.
		{"email", "acme.example", "ops@sub.acme.example", true, false, true, false},
		{"email", "acme.example", "ops@a.b.acme.example", true, false, true, false},
		{"uri", "acme.example", "spiffe://sub.acme.example/edge", true, false, true, false},
		{"uri", "acme.example", "https://a.b.acme.example:8443/edge", true, false, true, false},
		{"uri", "acme.example", "https://user@acme.example/", true, false, true, false},
	}
}

// TestConstraintsAsBothSidesReadThem asks openssl verify and crypto/x509 about
// each pair; what either of them refuses is not issued.
func TestConstraintsAsBothSidesReadThem(t *testing.T) {
	for _, row := range readings() {
		for _, excluding := range []bool{false, true} {
			goAccepts, accepts := row.goPermits, row.permits
			constraint, word := pkitest.Permitted, "permits"
			if excluding {
				goAccepts, accepts = !row.goExcludes, !row.exclude
				constraint, word = pkitest.Excluded, "excludes"
			}
			t.Run(fmt.Sprintf("%s %s, %s", word, row.base, row.name), func(t *testing.T) {
				named := pkitest.Email(row.name)
				if row.kind == "uri" {
					named = pkitest.URI(row.name)
				}
				graph := pkitest.Build(t, "edge <- ca", pkitest.With("ca", constraint(pkitest.Subtree{Kind: row.kind, Base: row.base})), pkitest.With("edge", named))
				if got := len(pki.ForbiddenNames(pki.NamesOf(graph.Certificate("edge")), graph.Certificate("ca"))) == 0; got != goAccepts {
					t.Errorf("to crypto/x509 it is accepted is %t here, want %t", got, goAccepts)
				}
				if got := len(pki.ForbiddenByOpenSSL(pki.NamesOf(graph.Certificate("edge")), graph.Certificate("ca"))) == 0; got != accepts {
					t.Errorf("to OpenSSL it is accepted is %t here, want %t", got, accepts)
				}
				if err := goVerifies(graph); (err == nil) != goAccepts {
					t.Errorf("crypto/x509 says %v, want it accepted is %t", err, goAccepts)
				}
				said, err := runOpenSSL(t, "", "verify", "-attime", strconv.FormatInt(pkitest.Now().Unix(), 10),
					"-CAfile", written(t, graph.PEM("ca")), written(t, graph.PEM("edge")))
				if (err == nil) != accepts {
					t.Errorf("openssl says %v, want it accepted is %t: %s", err, accepts, said)
				}
				request := issue.Request{Profile: issue.DataplaneCertificate, DNSNames: []string{"edge"}}
				if row.kind == "uri" {
					request.URIs = []string{row.name}
				} else {
					request.EmailAddresses = []string{row.name}
				}
				found := issue.Check(request, issuerOf(graph, "ca"), now(), issue.Unknown{})
				if (len(found) == 0) != (goAccepts && accepts) || len(found) > 1 {
					t.Errorf("the request is held against %v", found)
				}
			})
		}
	}
}

// TestSubtreesAreWarnedOf: a bare host without its form with a period, once for
// each list.
func TestSubtreesAreWarnedOf(t *testing.T) {
	for name, row := range map[string]struct {
		constraints issue.NameConstraints
		want        int
	}{
		"none":               {issue.NameConstraints{PermittedDNSDomains: []string{"acme.example"}}, 0},
		"a mailbox":          {issue.NameConstraints{PermittedEmailAddresses: []string{"ops@acme.example"}}, 0},
		"below a domain":     {issue.NameConstraints{ExcludedURIDomains: []string{".acme.example"}}, 0},
		"both forms":         {issue.NameConstraints{PermittedEmailAddresses: []string{"acme.example", ".ACME.example"}}, 0},
		"what is refused":    {issue.NameConstraints{PermittedURIDomains: []string{"http://acme.example", "*.acme.example"}, ExcludedEmailAddresses: []string{""}}, 0},
		"one host":           {issue.NameConstraints{ExcludedEmailAddresses: []string{"acme.example"}}, 1},
		"hosts in two lists": {issue.NameConstraints{PermittedURIDomains: []string{"a.example", "b.example", "c.example", "d.example"}, ExcludedEmailAddresses: []string{"acme.example"}}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			warned := issue.Warnings(issue.Request{Profile: issue.ControlPlaneCA, NameConstraints: row.constraints})
			if len(warned) != row.want {
				t.Fatalf("warned of %v", warned)
			}
			for _, warning := range warned {
				if warning.Summary != "Constraint is read in two ways" || !strings.Contains(warning.Detail, "leading period, such as \".") {
					t.Errorf("%s", warning)
				}
			}
		})
	}
}

// goVerifies asks crypto/x509.
func goVerifies(graph *pkitest.Graph) error {
	roots := x509.NewCertPool()
	roots.AddCert(graph.Certificate("ca"))
	_, err := graph.Certificate("edge").Verify(x509.VerifyOptions{Roots: roots, CurrentTime: now(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	return err
}

package trust_test

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// A pkitsCase is one vector of NIST's Public Key Interoperability Test Suite,
// as Go's source tree carries them.
type pkitsCase struct {
	Name                        string
	CertPath                    []string // trust anchor first
	InitialPolicySet            []string
	InitialPolicyMappingInhibit bool
	InitialExplicitPolicy       bool
	InitialAnyPolicyInhibit     bool
	ShouldValidate              bool
}

// pkitsNow is an instant at which all of the suite's certificates are valid
// that are meant to be.
func pkitsNow() time.Time { return time.Date(2020, time.June, 1, 0, 0, 0, 0, time.UTC) }

func TestOraclePKITS(t *testing.T) {
	folder := pkitsFolder(t)
	c := newTally("NIST PKITS", pkitsDifferences())
	for _, vector := range readPKITS(t, folder) {
		if reason := vector.unasked(); reason != "" {
			c.skip(reason)
			continue
		}
		trusted, ours := vector.judge(t, folder)
		c.compare(vector.Name, vector.ShouldValidate, trusted, ours)
	}
	c.report(t)
}

func pkitsFolder(t *testing.T) string {
	t.Helper()
	//nolint:staticcheck // the tree that the tests are built from is the one that is meant
	folder := filepath.Join(runtime.GOROOT(), "src", "crypto", "x509", "testdata", "nist-pkits")
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("this Go installation carries no PKITS vectors: %v", err)
	}
	return folder
}

func readPKITS(t *testing.T, folder string) []pkitsCase {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "vectors.json"))
	if err != nil {
		t.Fatal(err)
	}
	var vectors []pkitsCase
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors) < 200 {
		t.Fatalf("%d vectors in %s: it is cut off", len(vectors), folder)
	}
	return vectors
}

// unasked is the reason for which a vector has no meaning here; empty if it has
// one. It never depends on what Evaluate says.
func (p pkitsCase) unasked() string {
	asksPolicies := !slices.Equal(p.InitialPolicySet, []string{"anyPolicy"}) ||
		p.InitialPolicyMappingInhibit || p.InitialExplicitPolicy || p.InitialAnyPolicyInhibit
	switch {
	case asksPolicies:
		return "asking for certificate policies, as no control plane does"
	case !p.ShouldValidate && p.needsRevocation():
		return "refused for a revocation list, which Go's tree does not carry"
	default:
		return ""
	}
}

// needsRevocation reports whether a vector hangs on revocation lists: the
// sections about them, and single vectors of others.
func (p pkitsCase) needsRevocation() bool {
	section := strings.Join(strings.Split(p.number(), ".")[:2], ".")
	alone := []string{"4.5.2", "4.5.5", "4.5.7", "4.7.4", "4.7.5"}
	return slices.Contains([]string{"4.4", "4.14", "4.15"}, section) || slices.Contains(alone, p.number())
}

// number is the vector's place in the suite's document, such as "4.8.3".
func (p pkitsCase) number() string {
	number, _, _ := strings.Cut(p.Name, " ")
	return number
}

// judge asks Evaluate with the trust anchor uploaded and the rest presented. The
// suite's leaves are for no purpose of TLS, so any is asked for.
func (p pkitsCase) judge(t *testing.T, folder string) (trusted bool, ours string) {
	t.Helper()
	var path []*x509.Certificate
	for _, name := range p.CertPath {
		der, err := os.ReadFile(filepath.Join(folder, "certs", name))
		if err != nil {
			t.Fatal(err)
		}
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return false, "refused by the parser: " + err.Error()
		}
		path = append(path, certificate)
	}
	presented := slices.Clone(path[1:])
	slices.Reverse(presented)
	verdict := trust.Evaluate(path[:1], presented, trust.Options{At: pkitsNow(), Purpose: trust.AnyPurpose})
	return verdict.Trusted, inWords(verdict)
}

// pkitsDifferences says why Evaluate may decide otherwise than the suite.
func pkitsDifferences() map[string]string {
	const (
		dsa            = "crypto/x509 verifies no DSA signatures"
		directoryNames = "crypto/x509 compares no directory names, and so refuses critical constraints on them, as RFC 5280, 4.2.1.10, asks of whoever cannot process them"
		subdomains     = "a constraint that is a bare host takes in its subdomains for crypto/x509, against RFC 5280, 4.2.1.10"
		relativePoint  = "crypto/x509 does not parse distribution points named relative to their issuer (RFC 5280, 4.2.1.13)"
		exactNames     = "crypto/x509 links names byte for byte, without folding case or white space (RFC 5280, 7.1): safe, and all that careful issuers need"
		selfIssued     = "crypto/x509 counts self-issued intermediates against the path length, which RFC 5280, 6.1.4 (l), does not: a safe error"
	)
	return map[string]string{
		"4.1.4 Valid DSA Signatures Test4":                                dsa,
		"4.1.5 Valid DSA Parameter Inheritance Test5":                     dsa,
		"4.3.3 Valid Name Chaining Whitespace Test3":                      exactNames,
		"4.3.4 Valid Name Chaining Whitespace Test4":                      exactNames,
		"4.3.5 Valid Name Chaining Capitalization Test5":                  exactNames,
		"4.3.10 Valid Rollover from PrintableString to UTF8String Test10": exactNames,
		"4.3.11 Valid UTF8String Case Insensitive Match Test11":           exactNames,
		"4.6.15 Valid Self-Issued pathLenConstraint Test15":               selfIssued,
		"4.6.17 Valid Self-Issued pathLenConstraint Test17":               selfIssued,
		"4.13.1 Valid DN nameConstraints Test1":                           directoryNames,
		"4.13.4 Valid DN nameConstraints Test4":                           directoryNames,
		"4.13.5 Valid DN nameConstraints Test5":                           directoryNames,
		"4.13.6 Valid DN nameConstraints Test6":                           directoryNames,
		"4.13.11 Valid DN nameConstraints Test11":                         directoryNames,
		"4.13.14 Valid DN nameConstraints Test14":                         directoryNames,
		"4.13.18 Valid DN nameConstraints Test18":                         directoryNames,
		"4.13.19 Valid Self-Issued DN nameConstraints Test19":             directoryNames,
		"4.13.27 Valid DN and RFC822 nameConstraints Test27":              directoryNames,
		"4.13.24 Invalid RFC822 nameConstraints Test24":                   subdomains,
		"4.13.25 Valid RFC822 nameConstraints Test25":                     subdomains,
		"4.13.36 Valid URI nameConstraints Test36":                        subdomains,
		"4.14.4 Valid distributionPoint Test4":                            relativePoint,
		"4.14.5 Valid distributionPoint Test5":                            relativePoint,
		"4.14.29 Valid cRLIssuer Test29":                                  relativePoint,
	}
}

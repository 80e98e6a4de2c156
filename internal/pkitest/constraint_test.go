package pkitest_test

import (
	"crypto/x509"
	"encoding/asn1"
	"slices"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

func TestExtensionsOfIssuers(t *testing.T) {
	for name, test := range map[string]struct {
		deviation pkitest.Deviation
		extension asn1.ObjectIdentifier
		holds     func(*x509.Certificate) bool
	}{
		"policy constraints": {
			pkitest.RequirePolicy(), asn1.ObjectIdentifier{2, 5, 29, 36},
			func(c *x509.Certificate) bool { return c.RequireExplicitPolicyZero },
		},
		"directory names": {
			pkitest.ConstrainsDirectoryNames(), asn1.ObjectIdentifier{2, 5, 29, 30},
			func(c *x509.Certificate) bool {
				return len(c.PermittedDNSDomains) == 0 && len(c.UnhandledCriticalExtensions) == 0
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			issuing := pkitest.Build(t, "edge <- issuing", pkitest.With("issuing", test.deviation)).Certificate("issuing")
			has := func(extension asn1.ObjectIdentifier) bool { return extension.Equal(test.extension) }
			if !slices.ContainsFunc(oidsOf(issuing), has) || !test.holds(issuing) {
				t.Errorf("the extension is not there, or does not say it: %v", oidsOf(issuing))
			}
		})
	}
}

func oidsOf(certificate *x509.Certificate) []asn1.ObjectIdentifier {
	var ids []asn1.ObjectIdentifier
	for _, extension := range certificate.Extensions {
		ids = append(ids, extension.Id)
	}
	return ids
}

// TestTwinsAreCAs shows that a renewed CA is one before it issued anything, and
// that a renewed leaf stays a leaf.
func TestTwinsAreCAs(t *testing.T) {
	graph := pkitest.Build(t, "edge <- issuing <- root\nissuing~2 <- root\nedge~2 <- issuing")
	for name, want := range map[string]bool{"issuing": true, "issuing~2": true, "edge": false, "edge~2": false} {
		if got := graph.Certificate(name).IsCA; got != want {
			t.Errorf("%s: CA is %t, want %t", name, got, want)
		}
	}
}

// TestKeysAreSharedInAnyDirection shows that two CAs can cross-sign each other.
func TestKeysAreSharedInAnyDirection(t *testing.T) {
	graph := pkitest.Build(t, "a~2 <- b\nb~2 <- a",
		pkitest.With("a~2", pkitest.SameKeyAs("a")), pkitest.With("b~2", pkitest.SameKeyAs("b")))
	for _, pair := range [][2]string{{"a~2", "b~2"}, {"b~2", "a~2"}} {
		if err := graph.Certificate(pair[0]).CheckSignatureFrom(graph.Certificate(pair[1])); err != nil {
			t.Errorf("%s by %s: %v", pair[0], pair[1], err)
		}
	}
}

func TestPathsAreNamed(t *testing.T) {
	graph, stranger := pkitest.Build(t, "edge <- root"), pkitest.Build(t, "edge <- root")
	path := []*x509.Certificate{graph.Certificate("edge"), stranger.Certificate("root")}
	if got, want := graph.Path(path), "edge <- ?"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

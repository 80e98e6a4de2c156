package revocation

import (
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	zx509 "github.com/zmap/zcrypto/x509"
	"github.com/zmap/zlint/v3"
	"github.com/zmap/zlint/v3/lint"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// A published list is one of a life, with what a relying party has beside it.
type published struct {
	name            string
	list            *x509.RevocationList
	ca, good, bad   *x509.Certificate
	distributedFrom string
}

// publishedLists are lists of every kind: of each algorithm, empty, with entries,
// with a distribution point, and the last one of a generation.
func publishedLists(t *testing.T) []published {
	t.Helper()
	now := time.Now()
	var all []published
	for _, algorithm := range []pki.KeyAlgorithm{pki.ECDSAP256, "ECDSA-P384", "RSA-2048", pki.Ed25519} {
		for _, url := range []string{"", "http://crl.example/issuing.crl"} {
			// To OpenSSL, a root is on its own list, and has to name its place, too.
			request := issue.Request{Profile: issue.ControlPlaneCA, Subject: pkix.Name{CommonName: "CA"}, KeyAlgorithm: algorithm}
			if url != "" {
				request.CRLDistributionPoints = []string{url}
			}
			made, err := issue.Issue(context.Background(), request, nil, now)
			if err != nil {
				t.Fatal(err)
			}
			ca := &issue.Issuer{Certificate: made.Certificate, Key: made.Key}
			l := newLife(t, ca)
			l.now = now
			l.graceOf(0)
			request = issue.Request{Profile: issue.DataplaneCertificate, Subject: pkix.Name{CommonName: "leaf"}, Validity: 30 * day}
			if url != "" {
				request.CRLDistributionPoints, l.want.Settings.DistributionPoints = []string{url}, []string{url}
			}
			var leaves []*x509.Certificate
			for range 3 {
				leaf, err := issue.Issue(context.Background(), request, ca, now)
				if err != nil {
					t.Fatal(err)
				}
				leaves = append(leaves, leaf.Certificate)
			}
			p := published{name: fmt.Sprintf("%s %s", algorithm, url), ca: ca.Certificate, good: leaves[0], distributedFrom: url}
			l.use(leaves...)
			l.must(t)
			p.list = l.list(t)
			all = append(all, p)

			reason := KeyCompromise
			l.want.Revoked = []Revoked{{Certificate: leaves[1], Reason: &reason}}
			l.use(leaves[0], leaves[1])
			l.must(t)
			p.list, p.bad = l.list(t), leaves[2]
			all = append(all, p)
			p.bad = leaves[1]
			all = append(all, p)
			p.name, p.list = p.name+lastOne, l.resource(t).Prior.final()
			all = append(all, p)
		}
	}
	return all
}

// TestOpenSSLTakesEveryList: openssl crl verifies each list, and openssl verify
// accepts with -crl_check_all what is not on it and refuses what is.
func TestOpenSSLTakesEveryList(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	accepted, refused := 0, 0
	for _, p := range publishedLists(t) {
		folder := t.TempDir()
		for name, text := range map[string]string{"ca": pki.EncodeCertificates(p.ca), "good": pki.EncodeCertificates(p.good), "list": pki.EncodeRevocationLists(p.list)} {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if said, err := openSSL(t, folder, "crl", "-in", "list", "-noout", "-CAfile", "ca", "-text"); err != nil || !strings.Contains(said, "verify OK") {
			t.Errorf("%s: openssl crl: %v\n%s", p.name, err, said)
		}
		if said, err := openSSL(t, folder, "verify", "-crl_check_all", "-CAfile", "ca", "-CRLfile", "list", "good"); err != nil {
			t.Errorf("%s: what is not on the list is refused: %s", p.name, said)
		}
		accepted++
		if p.bad == nil {
			continue
		}
		if err := os.WriteFile(filepath.Join(folder, "bad"), []byte(pki.EncodeCertificates(p.bad)), 0o600); err != nil {
			t.Fatal(err)
		}
		if said, err := openSSL(t, folder, "verify", "-crl_check_all", "-CAfile", "ca", "-CRLfile", "list", "bad"); err == nil || !strings.Contains(said, "error 23 at 0 depth lookup: certificate revoked") {
			t.Errorf("%s: what is on the list: %v\n%s", p.name, err, said)
		}
		refused++
	}
	t.Logf("accepted %d, refused %d", accepted, refused)
}

func openSSL(t *testing.T, folder string, arguments ...string) (string, error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "openssl", arguments...)
	command.Dir = folder
	said, err := command.CombinedOutput()
	return string(said), err
}

// lastOne marks the last list of a generation, and tenDays is the lint that it breaks.
const (
	lastOne = ", the last one"
	tenDays = "e_crl_next_update_invalid"
)

// TestZlintTakesEveryList: no lint for revocation lists finds anything, not even
// something to warn of.
func TestZlintTakesEveryList(t *testing.T) {
	passed := 0
	for _, p := range publishedLists(t) {
		read, err := zx509.ParseRevocationList(p.list.Raw)
		if err != nil {
			t.Fatalf("%s: %v", p.name, err)
		}
		for name, result := range zlint.LintRevocationList(read).Results {
			switch {
			case result.Status == lint.Pass:
				passed++
			case name == tenDays && strings.HasSuffix(p.name, lastOne):
				// It holds public CAs to ten days. A list that nobody can sign again is
				// valid as long as what it covers.
			case result.Status > lint.Pass:
				t.Errorf("%s: %s: %v %s", p.name, name, result.Status, result.Details)
			}
		}
	}
	if passed == 0 {
		t.Error("no lint looked at a list")
	}
	t.Logf("%d lints passed", passed)
}

package examples

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// fixtures are the files that examples read, by name. They stand for what users
// have already: a corporate CA, a regional one below it, and what both issued.
type fixtures map[string]string

func newFixtures(t *testing.T) fixtures {
	t.Helper()
	files := fixtures{}
	corporate := files.issue(t, "corporate-ca", nil, issue.ControlPlaneCA)
	regional := files.issue(t, "regional-ca", corporate, issue.ControlPlaneCA)
	files.issue(t, "store", corporate, issue.DataplaneCertificate)
	files.issue(t, "plant", regional, issue.DataplaneCertificate)
	for _, name := range []string{"offline-ca-key.pem", "edge-key.pem"} {
		files[name] = encodedKey(t, newKey(t))
	}
	former := files.issue(t, "former-ca", nil, issue.ControlPlaneCA)
	files.issue(t, "withdrawn", former, issue.DataplaneCertificate)
	files["withdrawn-chain.pem"] = files["withdrawn.pem"] + files["former-ca.pem"]
	files.issueFor(t, "control-plane", corporate, issue.Request{
		Profile: issue.DataplaneCertificate, DNSNames: []string{"kong_clustering"}, ExtendedKeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	files["regional-ca-chain.pem"] = files["regional-ca.pem"] + files["corporate-ca.pem"]
	files["store-chain.pem"] = files["store.pem"] + files["corporate-ca.pem"]
	files["plant-chain.pem"] = files["plant.pem"] + files["regional-ca.pem"]
	files["heap.pem"] = files["corporate-ca.pem"] + files["store.pem"] + files["regional-ca.pem"]
	files["node.csr"] = signingRequest(t, "node-1")
	files["corporate-ca.crl.pem"] = revocationList(t, corporate)
	hsm := newKey(t)
	files["hsm-root-public.pem"] = encodedPublicKey(t, hsm)
	files["sign-with-hsm"] = signingProgram(t, hsm, regional.Key)
	return files
}

// writeThoseNamedIn gives a workspace the files that its texts name.
func (f fixtures) writeThoseNamedIn(t *testing.T, w *workspace) {
	t.Helper()
	text := w.text(t)
	for name, content := range f {
		if strings.Contains(text, name) {
			w.write(t, name, content)
		}
	}
}

// issue makes a certificate and its key, as NAME.pem and NAME-key.pem.
func (f fixtures) issue(t *testing.T, name string, issuer *issue.Issuer, profile issue.Profile) *issue.Issuer {
	t.Helper()
	return f.issueFor(t, name, issuer, issue.Request{Profile: profile})
}

// issueFor is issue for more than a name.
func (f fixtures) issueFor(t *testing.T, name string, issuer *issue.Issuer, request issue.Request) *issue.Issuer {
	t.Helper()
	request.Subject = pkix.Name{CommonName: name, Organization: []string{"Acme"}}
	issued, err := issue.Issue(t.Context(), request, issuer, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	f[name+".pem"] = pki.EncodeCertificates(issued.Certificate)
	f[name+"-key.pem"] = encodedKey(t, issued.Key)
	below := &issue.Issuer{Certificate: issued.Certificate, Key: issued.Key}
	if issuer != nil {
		below.Chain = append([]*x509.Certificate{issuer.Certificate}, issuer.Chain...)
	}
	return below
}

func newKey(t *testing.T) crypto.Signer {
	t.Helper()
	key, err := pki.GenerateKey(pki.KeyAlgorithms()[0])
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func encodedKey(t *testing.T, key crypto.Signer) string {
	t.Helper()
	text, err := pki.EncodePrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func encodedPublicKey(t *testing.T, key crypto.Signer) string {
	t.Helper()
	text, err := pki.EncodePublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// signingProgram stands for an HSM: a script that signs with the one of some ECDSA
// keys that it is asked for.
func signingProgram(t *testing.T, keys ...crypto.Signer) string {
	t.Helper()
	script := "#!/bin/sh\nset -eu\nkey=$(mktemp)\ntrap 'rm -f \"$key\"' EXIT\ncase $MTLS_SIGNER_SPKI_SHA256 in\n"
	for _, key := range keys {
		script += pki.SPKISHA256Of(key.Public()) + ") cat > \"$key\" <<'EOT'\n" + encodedKey(t, key) + "EOT\n;;\n"
	}
	return script + "esac\nopenssl pkeyutl -sign -inkey \"$key\"\n"
}

func signingRequest(t *testing.T, name string) string {
	t.Helper()
	template := &x509.CertificateRequest{Subject: pkix.Name{CommonName: name}, DNSNames: []string{name + ".dp.acme.internal"}}
	der, err := x509.CreateCertificateRequest(rand.Reader, template, newKey(t))
	if err != nil {
		t.Fatal(err)
	}
	request, err := x509.ParseCertificateRequest(der)
	if err != nil {
		t.Fatal(err)
	}
	return pki.EncodeCSR(request)
}

// revocationList is a list of an issuer, good for a year, with one certificate
// on it that no example uses.
func revocationList(t *testing.T, issuer *issue.Issuer) string {
	t.Helper()
	now := time.Now()
	der, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
		Number: big.NewInt(1), ThisUpdate: now, NextUpdate: now.AddDate(1, 0, 0),
		RevokedCertificateEntries: []x509.RevocationListEntry{{SerialNumber: big.NewInt(4711), RevocationTime: now}},
	}, issuer.Certificate, issuer.Key)
	if err != nil {
		t.Fatal(err)
	}
	list, err := x509.ParseRevocationList(der)
	if err != nil {
		t.Fatal(err)
	}
	return pki.EncodeRevocationLists(list)
}

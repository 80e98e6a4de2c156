package provider

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// A spelling is one of the ways in which certificates write the same name: with
// their attributes in one order or another, as one type of string or another.
type spelling struct {
	name string
	tag  int // of the strings, X.680
	sets [][]asn1.ObjectIdentifier
}

func spellings() []spelling {
	var (
		commonName   = asn1.ObjectIdentifier{2, 5, 4, 3}
		country      = asn1.ObjectIdentifier{2, 5, 4, 6}
		organization = asn1.ObjectIdentifier{2, 5, 4, 10}
	)
	one := func(types ...asn1.ObjectIdentifier) [][]asn1.ObjectIdentifier {
		var sets [][]asn1.ObjectIdentifier
		for _, each := range types {
			sets = append(sets, []asn1.ObjectIdentifier{each})
		}
		return sets
	}
	return []spelling{
		{"as Go writes it", asn1.TagPrintableString, one(country, organization, commonName)},
		{"as OpenSSL writes it", asn1.TagUTF8String, one(country, organization, commonName)},
		{"common name first", asn1.TagPrintableString, one(commonName, organization, country)},
		{"common name first in UTF-8", asn1.TagUTF8String, one(commonName, organization, country)},
		{"teletex", asn1.TagT61String, one(country, organization, commonName)},
		{"organization and common name in one set", asn1.TagUTF8String, [][]asn1.ObjectIdentifier{{country}, {organization, commonName}}},
	}
}

// encode writes the name CN=Acme Root, O=Acme, C=DE.
func (s spelling) encode(t *testing.T) []byte {
	t.Helper()
	texts := map[string]string{"2.5.4.3": "Acme Root", "2.5.4.6": "DE", "2.5.4.10": "Acme"}
	type attribute struct {
		Type  asn1.ObjectIdentifier
		Value asn1.RawValue
	}
	type attributesSET []attribute
	var sets []attributesSET
	for _, types := range s.sets {
		var set attributesSET
		for _, each := range types {
			set = append(set, attribute{each, asn1.RawValue{Tag: s.tag, Bytes: []byte(texts[each.String()])}})
		}
		sets = append(sets, set)
	}
	der, err := asn1.Marshal(sets)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// A CA that was imported and keeps its key keeps what it signed: under the
// rotated CA, the leaves of before verify still, once the imported one is trusted
// no more. They name their issuer by its key identifier and by its subject, octet
// for octet.
func TestLeavesOfAnImportedCAVerifyUnderItsSuccessor(t *testing.T) {
	t.Parallel()
	for _, written := range spellings() {
		for identifier, deviation := range keyIdentifiers() {
			for _, below := range []string{"", " <- top"} {
				if below != "" && identifier != "sha1" {
					continue // an intermediate differs only in its name
				}
				t.Run(fmt.Sprintf("%s, %s%s", written.name, identifier, below), func(t *testing.T) {
					t.Parallel()
					outliveImportedCA(t, written, identifier, deviation, below)
				})
			}
		}
	}
}

func outliveImportedCA(t *testing.T, spelt spelling, identifier string, deviation pkitest.Deviation, below string) {
	t.Helper()
	name := pkitest.Template(func(c *x509.Certificate) { c.RawSubject, c.Subject = spelt.encode(t), pkix.Name{} })
	graph := pkitest.Build(t, "edge <- root"+below, pkitest.With("root", name, deviation))
	clock := clockAt(pkitest.Now())
	m := newManaged(t, kindCA, clock)
	m.importDrawn(t, graph, "root", true)
	imported := m.describesItsKey(t)
	config := written{
		"subject":   written{"common_name": "Acme Root", "organization": "Acme", "country": "DE"},
		"reuse_key": true, "overlap": "1h",
	}
	var above []*x509.Certificate
	if below != "" {
		config["issuer"] = issuerOf(t, graph, "top")
		above = graph.Certificates("top")
	}
	m.must(t, config)
	if kept := m.describesItsKey(t); !kept.Equal(imported) {
		t.Fatal("the configuration means the same, and yet the CA was made anew")
	}
	for turn := range 2 {
		config = setting(config, "rotation_triggers", written{"turn": strconv.Itoa(turn)})
		m.must(t, config)
		clock.Step(2 * time.Hour)
		m.must(t, config)

		rotated := m.describesItsKey(t)
		if identifier != "none" && !bytes.Equal(rotated.SubjectKeyId, imported.SubjectKeyId) {
			t.Errorf("the key identifier %x has become %x", imported.SubjectKeyId, rotated.SubjectKeyId)
		}
		if !bytes.Equal(rotated.RawSubject, imported.RawSubject) {
			t.Errorf("the subject %x has become %x", imported.RawSubject, rotated.RawSubject)
		}
		if trusted := m.texts(t, "trusted_certificates_pem"); len(trusted) != 1 {
			t.Fatalf("%d generations are trusted after the overlap", len(trusted))
		}
		wantVerified(t, graph.Certificate("edge"), m.text(t, "trust_bundle_pem"), above, clock.Now())
	}
}

// wantVerified fails unless leaf verifies below what is trusted, for crypto/x509
// and for OpenSSL.
func wantVerified(t *testing.T, leaf *x509.Certificate, trusted string, above []*x509.Certificate, now time.Time) {
	t.Helper()
	anchors, err := pki.ParseCertificates(trusted)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	for _, anchor := range anchors {
		pool.AddCert(anchor)
	}
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: pool, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}); err != nil {
		t.Errorf("crypto/x509: %v", err)
	}
	folder := t.TempDir()
	for name, text := range map[string]string{"trusted.pem": trusted + pki.EncodeCertificates(above...), "leaf.pem": pki.EncodeCertificates(leaf)} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	openssl(t, folder, fmt.Sprintf("verify -attime %d -CAfile trusted.pem leaf.pem", now.Unix()))
}

package pki_test

import (
	"crypto/x509"
	"fmt"
	"strings"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// TestSignaturesOfAChain: as many signatures are verified as a chain needs, and
// one for each key of an issuer's name that made none.
func TestSignaturesOfAChain(t *testing.T) {
	twins := func(count int, name, above string, sameKeyAs string) (string, []pkitest.Setting) {
		var drawing strings.Builder
		var settings []pkitest.Setting
		for i := range count {
			twin := fmt.Sprintf("%s~%d", name, i)
			fmt.Fprintf(&drawing, "%s <- %s\n", twin, above)
			// Without identifiers nothing says which key signed.
			deviations := []pkitest.Deviation{pkitest.NoKeyID()}
			if sameKeyAs != "" {
				deviations = append(deviations, pkitest.SameKeyAs(sameKeyAs))
			}
			settings = append(settings, pkitest.With(twin, deviations...))
		}
		return drawing.String(), settings
	}
	const chain = "edge <- issuing <- root\n"
	strangers, without := twins(100, "issuing", "other", "")
	many, withoutMany := twins(400, "gone", "other", "")
	oneKey, shared := twins(400, "gone", "other", "other")
	noID := pkitest.With("edge", pkitest.AuthorityKeyID(nil))
	for name, row := range map[string]struct {
		drawing  string
		settings []pkitest.Setting
		least    int
		most     int
		refused  bool
	}{
		"a chain":                             {chain, nil, 3, 3, false},
		"100 CAs of the issuer's name":        {chain + strangers, without, 3, 3, false}, // key identifiers agree
		"and no identifiers":                  {chain + strangers, append(without, noID, pkitest.With("issuing", pkitest.NoKeyID())), 3, 103, false},
		"400 CAs of one key":                  {"edge <- gone\n" + oneKey, append(shared, noID), 1, 1, false},
		"400 CAs of 400 keys, none is right":  {"edge <- gone\n" + many, append(withoutMany, noID), 301, 301, true},
		"60 CAs that signed each other":       {mesh(60), meshSettings(60), 1, 61, false},
		"60 CAs that signed each other, root": {mesh(60) + "ca7 <- root\n", meshSettings(60), 2, 8, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			graph := pkitest.Build(t, row.drawing, row.settings...)
			var pool []*x509.Certificate
			for _, name := range graph.Names() {
				if name != "gone" && (strings.Contains(name, "~") || !strings.HasPrefix(name, "ca") || name == "ca7" && strings.HasSuffix(row.drawing, "ca7 <- root\n")) {
					pool = append(pool, graph.Certificate(name))
				}
			}
			checks, err := pki.ChainChecks(graph.Certificate("edge"), pool)
			if checks < row.least || checks > row.most || (err != nil) != row.refused {
				t.Errorf("%d signatures of %d certificates, want %d to %d; error %v", checks, len(pool), row.least, row.most, err)
			}
		})
	}
}

// mesh draws a leaf below CAs that all signed each other.
func mesh(size int) string {
	var drawing strings.Builder
	drawing.WriteString("edge <- ca0\n")
	for subject := range size {
		for issuer := range size {
			if subject != issuer {
				fmt.Fprintf(&drawing, "ca%d~%d <- ca%d\n", subject, issuer, issuer)
			}
		}
	}
	return drawing.String()
}

func meshSettings(size int) []pkitest.Setting {
	var list []pkitest.Setting
	for subject := range size {
		for issuer := range size {
			if subject != issuer {
				list = append(list, pkitest.With(fmt.Sprintf("ca%d~%d", subject, issuer), pkitest.SameKeyAs(fmt.Sprintf("ca%d", subject))))
			}
		}
	}
	return list
}

// TestPoolsAreBounded: more certificates than anybody has are refused.
func TestPoolsAreBounded(t *testing.T) {
	graph := pkitest.Build(t, "edge <- issuing")
	pool := make([]*x509.Certificate, 5001)
	for i := range pool {
		pool[i] = graph.Certificate("issuing")
	}
	const want = "the pool has 5001 certificates; at most 5000 are looked at. Give only CAs that may be above the leaf"
	if chain, err := pki.BuildChain(graph.Certificate("edge"), pool); err == nil || err.Error() != want || chain != nil {
		t.Errorf("chain of %d, error %v", len(chain), err)
	}
	if chain, err := pki.BuildChain(graph.Certificate("edge"), pool[1:]); err != nil || len(chain) != 2 {
		t.Errorf("chain of %d, error %v", len(chain), err)
	}
}

// TestTextsAreBounded: what is larger than anything in use is refused by number.
func TestTextsAreBounded(t *testing.T) {
	graph := pkitest.Build(t, "edge")
	large := string(make([]byte, 1<<20+1))
	for name, row := range map[string]struct {
		err  error
		want string
	}{
		"a certificate": {parsed(pki.ParseCertificates(pemBlock("CERTIFICATE", []byte(large)))), "PEM block 1 (CERTIFICATE) has 1048577 bytes; more than 1 MiB is not read, and TLS peers accept far less"},
		"a request":     {parsed(pki.ParseCSR(pemBlock("CERTIFICATE REQUEST", []byte(large)))), "PEM block 1 (CERTIFICATE REQUEST) has 1048577 bytes; more than 1 MiB is not read, and TLS peers accept far less"},
		"a key":         {parsed(pki.ParsePrivateKey(pemBlock("PRIVATE KEY", []byte(large)))), "PEM block 1 (PRIVATE KEY) has 1048577 bytes; more than 1 MiB is not read, and TLS peers accept far less"},
		"a key of 32768 bits": {
			parsed(pki.ParsePrivateKey(pemBlock("RSA PRIVATE KEY", longRSAKey()))), "PEM block 1 (RSA PRIVATE KEY) has an RSA key of 32768 bits; TLS peers accept at most 16384",
		},
	} {
		if row.err == nil || row.err.Error() != row.want {
			t.Errorf("%s: error\n  %v\nwant\n  %s", name, row.err, row.want)
		}
	}
	const most = " is more than what is read at once, with the blocks in front of it: give fewer, or smaller, certificates; some 3000 are read"
	_, err := pki.ParseCertificates(strings.Repeat(graph.PEM("edge"), 10_000))
	if err == nil || !strings.HasSuffix(err.Error(), most) {
		t.Errorf("10000 certificates: error %v", err)
	}
	var readable pki.Readable
	for range 20 {
		if _, err = readable.Parse(strings.Repeat(graph.PEM("edge"), 500)); err != nil {
			break
		}
	}
	if err == nil || !strings.HasSuffix(err.Error(), most) {
		t.Errorf("20 texts of 500 certificates: error %v", err)
	}
	if all, err := pki.ParseCertificates(strings.Repeat(graph.PEM("edge"), 4000)); err != nil || len(all) != 4000 {
		t.Errorf("4000 certificates: %d are read, error %v", len(all), err)
	}
}

func parsed[T any](_ T, err error) error { return err }

// longRSAKey is nine numbers, the second of 32768 bits (RFC 8017, A.1.2).
func longRSAKey() []byte {
	modulus := append([]byte{2, 0x82, 0x10, 0x01, 0, 0x80}, make([]byte, 4095)...)
	inner := append([]byte{2, 1, 0}, modulus...)
	for range 7 {
		inner = append(inner, 2, 1, 3)
	}
	return append([]byte{0x30, 0x82, byte(len(inner) >> 8), byte(len(inner))}, inner...)
}

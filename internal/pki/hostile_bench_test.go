package pki_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"fmt"
	"math/big"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// BenchmarkHostile gives every parser texts that nobody writes, of one, two and
// four parts, and reports how time and bytes grow: 4 is linear.
//
//	go test ./internal/pki -run '^$' -bench Hostile -benchtime 1x
func BenchmarkHostile(b *testing.B) {
	const mega = 1 << 20
	for name, text := range hostileTexts(b) {
		for parser, parse := range parsers() {
			b.Run(name+"/"+parser, func(b *testing.B) {
				growth(b, 2*mega, func(size int) func() {
					given := text(size)
					return func() { parse(given) }
				})
			})
		}
	}
}

// parsers are those of the package, by name.
func parsers() map[string]func(string) {
	return map[string]func(string){
		"certificates": func(text string) { _, _ = pki.ParseCertificates(text) },
		"key":          func(text string) { _, _ = pki.ParsePrivateKey(text) },
		"csr":          func(text string) { _, _ = pki.ParseCSR(text) },
		"lists":        func(text string) { _, _ = pki.ParseRevocationLists(text) },
		"same":         func(text string) { pki.SamePEM(text, text+"\n") },
	}
}

// hostileTexts are made of parts of any size.
func hostileTexts(tb testing.TB) map[string]func(size int) string {
	tb.Helper()
	repeated := func(part string) func(int) string {
		return func(size int) string { return strings.Repeat(part, size/len(part)) }
	}
	inside := func(label string, der func(int) []byte) func(int) string {
		return func(size int) string { return pemBlock(label, der(size*3/4)) }
	}
	nested := func(size int) []byte {
		depth := min(size/6, 200_000)
		var der []byte
		for range depth {
			der = append(der, 0x30, 0x84, 0xff, 0xff, 0xff, 0xff)
		}
		return der
	}
	nulls := func(size int) []byte {
		der, err := asn1.Marshal(asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: []byte(strings.Repeat("\x05\x00", size/2))})
		if err != nil {
			tb.Fatal(err)
		}
		return der
	}
	edge := pkitest.Build(tb, "edge").PEM("edge")
	return map[string]func(int) string{
		"begins":        repeated("-----BEGIN "),
		"ends":          repeated("-----END "),
		"begin-lines":   repeated("-----BEGIN A-----\n"),
		"empty-blocks":  repeated("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"),
		"joined-blocks": repeated("-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----"),
		"hyphens":       repeated("-"),
		"line-breaks": func(size int) string {
			return "-----BEGIN CERTIFICATE-----" + strings.Repeat("\n", size) + "-----END CERTIFICATE-----"
		},
		"headers": func(size int) string {
			return "-----BEGIN CERTIFICATE-----\n" + strings.Repeat("A: b\n", size/5) + "\nMA==\n-----END CERTIFICATE-----"
		},
		"label-of-words": func(size int) string {
			return "-----BEGIN " + strings.Repeat("A ", size/2) + "-----\nMA==\n-----END A-----"
		},
		"label-one-word": func(size int) string {
			return "-----BEGIN " + strings.Repeat("A", size) + "-----\nMA==\n-----END A-----"
		},
		"base64": func(size int) string { return base64.StdEncoding.EncodeToString([]byte(strings.Repeat("a", size*3/4))) },
		"base64-of-pem": func(size int) string {
			return base64.StdEncoding.EncodeToString([]byte(strings.Repeat(edge, size/len(edge))))
		},
		"json":              func(size int) string { return "{" + strings.Repeat(`"a":1,`, size/6) },
		"certificates":      repeated(edge),
		"deep":              inside("CERTIFICATE", nested),
		"wide":              inside("CERTIFICATE", nulls),
		"deep-key":          inside("PRIVATE KEY", nested),
		"wide-key":          inside("PRIVATE KEY", nulls),
		"wide-request":      inside("CERTIFICATE REQUEST", nulls),
		"names":             func(size int) string { return pemBlock("CERTIFICATE", manyNames(tb, size/24)) },
		"names-of-request":  func(size int) string { return pemBlock("CERTIFICATE REQUEST", requestOfNames(tb, size/24)) },
		"name-constraints":  func(size int) string { return pemBlock("CERTIFICATE", manyConstraints(tb, size/24)) },
		"subject-of-levels": func(size int) string { return pemBlock("CERTIFICATE", longSubject(tb, size/24)) },
	}
}

// growth runs a function on inputs of one, two and four parts, and reports the
// last against the first.
func growth(b *testing.B, part int, prepare func(size int) func()) {
	b.Helper()
	var times, bytes []float64
	for _, size := range []int{part, 2 * part, 4 * part} {
		run := prepare(size)
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		began, rounds := time.Now(), 0
		for ; rounds < b.N; rounds++ {
			run()
		}
		times = append(times, time.Since(began).Seconds()/float64(rounds))
		runtime.ReadMemStats(&after)
		bytes = append(bytes, float64(after.TotalAlloc-before.TotalAlloc)/float64(rounds))
	}
	b.ReportMetric(times[2]*1000, "ms/4parts")
	b.ReportMetric(bytes[2]/(1<<20), "MiB/4parts")
	b.ReportMetric(times[2]/max(times[0], 1e-6), "time-growth")
	b.ReportMetric(bytes[2]/max(bytes[0], 1), "bytes-growth")
	b.ReportMetric(0, "ns/op")
}

func selfSigned(tb testing.TB, template *x509.Certificate) []byte {
	tb.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	template.SerialNumber, template.NotBefore, template.NotAfter = big.NewInt(1), pkitest.Now(), pkitest.Now().AddDate(1, 0, 0)
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	if err != nil {
		tb.Fatal(err)
	}
	return der
}

func namesOf(count int) []string {
	names := make([]string, count)
	for i := range names {
		names[i] = fmt.Sprintf("n%07d.example", i)
	}
	return names
}

func manyNames(tb testing.TB, count int) []byte {
	return selfSigned(tb, &x509.Certificate{Subject: named("edge"), DNSNames: namesOf(count)})
}

func manyConstraints(tb testing.TB, count int) []byte {
	return selfSigned(tb, &x509.Certificate{Subject: named("ca"), IsCA: true, BasicConstraintsValid: true, PermittedDNSDomains: namesOf(count)})
}

func longSubject(tb testing.TB, count int) []byte {
	var subject pkix.Name
	for _, name := range namesOf(count) {
		subject.ExtraNames = append(subject.ExtraNames, pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{2, 5, 4, 11}, Value: name})
	}
	return selfSigned(tb, &x509.Certificate{Subject: subject})
}

func requestOfNames(tb testing.TB, count int) []byte {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: named("edge"), DNSNames: namesOf(count)}, private)
	if err != nil {
		tb.Fatal(err)
	}
	return der
}

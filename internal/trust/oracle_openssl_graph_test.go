package trust_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// A openGraph is a trust graph with what is uploaded and presented, drawn at
// random. Every leaf of it is judged, with the same certificates presented
// beside it.
type openGraph struct {
	drawing    string
	deviations map[string][]string // by node, of the names in deviationsByName
	uploaded   string
	beside     string
	leaves     []string // those that are judged
}

// String is the graph as a reader of a failing test needs it.
func (g openGraph) String() string {
	text := fmt.Sprintf("drawing:\n%suploaded: %s\nbeside the leaf: %s\n", g.drawing, g.uploaded, g.beside)
	for _, name := range slices.Sorted(maps.Keys(g.deviations)) {
		text += fmt.Sprintf("%s: %s\n", name, strings.Join(g.deviations[name], ", "))
	}
	return text
}

// build makes the graph's certificates.
func (g openGraph) build(t *testing.T) *pkitest.Graph {
	t.Helper()
	var list []pkitest.Setting
	known := deviationsByName()
	for _, name := range slices.Sorted(maps.Keys(g.deviations)) {
		for _, deviation := range g.deviations[name] {
			list = append(list, with(name, known[deviation]))
		}
	}
	return pkitest.Build(t, g.drawing, list...)
}

// drawOpenGraph draws one to four CAs, some of them twins of others (of the
// same name, with the same key or another), and one to sixteen leaves below them.
func drawOpenGraph(r *rapid.T, odd bool) openGraph {
	g := openGraph{deviations: map[string][]string{}}
	var more []map[string]pkitest.Deviation
	if odd {
		more = append(more, oddities())
	}
	var cas, leaves []string
	for i := range rapid.IntRange(1, 4).Draw(r, "CAs") {
		cas = append(cas, g.addCA(r, i, cas))
	}
	for i := range rapid.IntRange(1, 16).Draw(r, "leaves") {
		leaf := fmt.Sprintf("edge%d", i)
		g.add(leaf, rapid.SampledFrom(append([]string{leaf}, cas...)).Draw(r, "issuer of "+leaf))
		leaves = append(leaves, leaf)
	}
	for _, ca := range cas {
		g.deviate(r, ca, append(more, plainDeviations(), names(), constraints(), keys())...)
	}
	for _, leaf := range leaves {
		g.deviate(r, leaf, append(more, plainDeviations(), names(), names(), keys())...)
	}
	g.withoutSHA1BelowRSA()
	uploads := append(someOf(r, "uploaded", cas, 1), someOf(r, "uploaded leaves", leaves, 0)[:rapid.SampledFrom([]int{0, 0, 1}).Draw(r, "pins")]...)
	g.uploaded = strings.Join(uploads, " ")
	g.beside = strings.Join(someOf(r, "beside", append(cas, leaves[0]), 0), " ")
	g.leaves = leaves
	return g
}

// someOf draws a part of a list, in any order.
func someOf(r *rapid.T, label string, list []string, atLeast int) []string {
	order := rapid.Permutation(list).Draw(r, label+" in order")
	return order[:rapid.IntRange(atLeast, len(list)).Draw(r, label)]
}

func (g *openGraph) addCA(r *rapid.T, number int, others []string) string {
	name := fmt.Sprintf("ca%d", number)
	kind := rapid.SampledFrom([]string{"new", "new", "new", "twin", "twin with the same key"}).Draw(r, "kind of "+name)
	if len(others) > 0 && kind != "new" {
		twin := rapid.SampledFrom(others).Draw(r, "twin of "+name)
		subject, _, _ := strings.Cut(twin, "~")
		name = fmt.Sprintf("%s~%d", subject, number)
		if kind == "twin with the same key" {
			g.deviations[name] = append(g.deviations[name], "key of "+twin)
		}
	}
	g.add(name, rapid.SampledFrom(append([]string{name}, others...)).Draw(r, "issuer of "+name))
	return name
}

func (g *openGraph) add(name, issuer string) {
	if issuer == name {
		g.drawing += name + "\n"
		return
	}
	g.drawing += name + " <- " + issuer + "\n"
}

// deviate draws what is unusual about a node: most often nothing, and at most
// one deviation of each kind, because two may contradict each other.
func (g *openGraph) deviate(r *rapid.T, node string, kinds ...map[string]pkitest.Deviation) {
	drawn := map[string]bool{}
	for _, kind := range kinds {
		if rapid.IntRange(0, 3).Draw(r, "is "+node+" unusual?") < 3 {
			continue
		}
		name := rapid.SampledFrom(slices.Sorted(maps.Keys(kind))).Draw(r, node)
		if !drawn[name] {
			g.deviations[node] = append(g.deviations[node], name)
		}
		drawn[name] = true
	}
}

// oddities are what crypto/x509 and OpenSSL read in different ways.
func oddities() map[string]pkitest.Deviation {
	policies, _ := x509.OIDFromInts([]uint64{1, 2, 3})
	return map[string]pkitest.Deviation{
		"Netscape type client":           netscape(0x80),
		"Netscape type server":           netscape(0x40),
		"Netscape type CA":               netscape(0x04),
		"serial 7":                       serial(7),
		"names serial 7":                 namesSerial(7),
		"names serial 8":                 namesSerial(8),
		"unreadable authority key id":    pkitest.Extension(object(2, 5, 29, 35), false, []byte{0x30, 0x02, 0x05, 0x00}),
		"critical, below CN=edge0":       onlyDirectory("EDGE0"),
		"critical, below CN=a":           onlyDirectory("a"),
		"in capitals":                    called(asn1.TagUTF8String, "CA0"),
		"with white space":               called(asn1.TagPrintableString, " ca1  "),
		"another subject":                called(asn1.TagPrintableString, "elsewhere"),
		"policies":                       pkitest.Policies(policies),
		"critical policies":              pkitest.Extension(object(2, 5, 29, 32), true, []byte{0x30, 0x06, 0x30, 0x04, 0x06, 0x02, 0x2a, 0x03}),
		"critical Netscape type":         pkitest.Extension(object(2, 16, 840, 1, 113730, 1, 1), true, []byte{0x03, 0x02, 0x00, 0xff}),
		"critical subject key id":        pkitest.Extension(object(1, 3, 6, 1, 5, 5, 7, 1, 3), true, []byte{0x30, 0x00}),
		"no OCSP for it, critical":       pkitest.Extension(object(1, 3, 6, 1, 5, 5, 7, 48, 1, 5), true, []byte{0x05, 0x00}),
		"a user principal name":          pkitest.Extension(object(2, 5, 29, 17), false, []byte{0x30, 0x0b, 0xa0, 0x09, 0x06, 0x03, 0x2a, 0x03, 0x04, 0xa0, 0x02, 0x05, 0x00}),
		"a critical user principal name": pkitest.Extension(object(2, 5, 29, 17), true, []byte{0x30, 0x0b, 0xa0, 0x09, 0x06, 0x03, 0x2a, 0x03, 0x04, 0xa0, 0x02, 0x05, 0x00}),
		"excludes every DNS name":        pkitest.Excluded(pkitest.Subtree{Kind: "dns", Base: ""}),
	}
}

// withoutSHA1BelowRSA drops a deviation that pkitest cannot make.
func (g *openGraph) withoutSHA1BelowRSA() {
	for _, list := range g.deviations {
		if !slices.ContainsFunc(list, func(name string) bool { return strings.HasPrefix(name, "RSA") }) {
			continue
		}
		for node := range g.deviations {
			g.deviations[node] = slices.DeleteFunc(g.deviations[node], func(name string) bool { return name == "SHA-1" })
		}
		return
	}
}

func deviationsByName() map[string]pkitest.Deviation {
	all := plainDeviations()
	maps.Copy(all, names())
	maps.Copy(all, constraints())
	maps.Copy(all, keys())
	maps.Copy(all, oddities())
	all["key of ca"] = pkitest.SameKeyAs("ca")
	for number := range 4 {
		ca := fmt.Sprintf("ca%d", number)
		all["key of "+ca] = pkitest.SameKeyAs(ca)
		for twin := range 4 {
			ca := fmt.Sprintf("ca%d~%d", number, twin)
			all["key of "+ca] = pkitest.SameKeyAs(ca)
		}
	}
	return all
}

func plainDeviations() map[string]pkitest.Deviation {
	return map[string]pkitest.Deviation{
		"expired":                    pkitest.ExpiredFor(time.Hour),
		"expires now":                pkitest.ExpiredFor(0),
		"starts now":                 pkitest.StartsIn(0),
		"starts later":               pkitest.StartsIn(time.Hour),
		"CA":                         pkitest.CA(true),
		"no CA":                      pkitest.CA(false),
		"no basic constraints":       pkitest.NoBasicConstraints(),
		"path length 0":              caWithPathLength(0),
		"path length 1":              caWithPathLength(1),
		"path length 2":              caWithPathLength(2),
		"no key usage":               pkitest.KeyUsage(0),
		"signs certificates":         pkitest.KeyUsage(x509.KeyUsageCertSign),
		"signs":                      pkitest.KeyUsage(x509.KeyUsageDigitalSignature),
		"agrees on keys":             pkitest.KeyUsage(x509.KeyUsageKeyAgreement),
		"enciphers keys":             pkitest.KeyUsage(x509.KeyUsageKeyEncipherment),
		"any purpose":                pkitest.Purposes(x509.ExtKeyUsageAny),
		"no purposes":                pkitest.Purposes(),
		"for clients":                pkitest.Purposes(x509.ExtKeyUsageClientAuth),
		"for servers":                pkitest.Purposes(x509.ExtKeyUsageServerAuth),
		"for both":                   pkitest.Purposes(x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth),
		"purposes, none listed":      noPurposeListed(),
		"key usage, no bit set":      noUsageListed(),
		"version 1":                  pkitest.Version1(),
		"broken signature":           pkitest.BrokenSignature(),
		"SHA-1":                      pkitest.SHA1(),
		"no key id":                  pkitest.NoKeyID(),
		"another authority key id":   pkitest.AuthorityKeyID([]byte("another key")),
		"no authority key id":        pkitest.AuthorityKeyID([]byte{}),
		"unknown extension":          pkitest.UnknownExtension(),
		"unknown critical extension": pkitest.UnknownCriticalExtension(),
		"requires a policy":          pkitest.RequirePolicy(),
	}
}

// keys are kinds of keys, some of them weak.
func keys() map[string]pkitest.Deviation {
	return map[string]pkitest.Deviation{
		"P-224":    pkitest.Algorithm(pkitest.ECDSAP224),
		"P-384":    pkitest.Algorithm(pki.ECDSAP384),
		"RSA-1024": pkitest.Algorithm(pkitest.RSA1024),
		"RSA-2048": pkitest.Algorithm(pki.RSA2048),
	}
}

func names() map[string]pkitest.Deviation {
	return map[string]pkitest.Deviation{
		"DNS a.example":       pkitest.DNS("a.example"),
		"DNS b.a.example":     pkitest.DNS("b.a.example"),
		"IP 192.0.2.1":        pkitest.IP("192.0.2.1"),
		"email x@a.example":   pkitest.Email("x@a.example"),
		"email x@b.a.example": pkitest.Email("x@b.a.example"),
		"URI a.example":       pkitest.URI("spiffe://a.example/x"),
		"URI b.a.example":     pkitest.URI("https://b.a.example/x"),
	}
}

// constraints forbid some of the names, of every kind.
func constraints() map[string]pkitest.Deviation {
	tree := func(kind, base string) pkitest.Subtree { return pkitest.Subtree{Kind: kind, Base: base} }
	return map[string]pkitest.Deviation{
		"permits DNS a.example":      pkitest.Permitted(tree("dns", "a.example")),
		"permits DNS b.a.example":    pkitest.Permitted(tree("dns", "b.a.example")),
		"permits IP 192.0.2.0/24":    pkitest.Permitted(tree("ip", "192.0.2.0/24")),
		"permits email a.example":    pkitest.Permitted(tree("email", "a.example")),
		"permits email .a.example":   pkitest.Permitted(tree("email", ".a.example")),
		"permits email x@a.example":  pkitest.Permitted(tree("email", "x@a.example")),
		"permits URI a.example":      pkitest.Permitted(tree("uri", "a.example")),
		"permits URI .a.example":     pkitest.Permitted(tree("uri", ".a.example")),
		"excludes DNS b.a.example":   pkitest.Excluded(tree("dns", "b.a.example")),
		"excludes IP 192.0.2.0/24":   pkitest.Excluded(tree("ip", "192.0.2.0/24")),
		"excludes email a.example":   pkitest.Excluded(tree("email", "a.example")),
		"excludes URI a.example":     pkitest.Excluded(tree("uri", "a.example")),
		"constrains directory names": pkitest.ConstrainsDirectoryNames(),
	}
}

// noPurposeListed makes an extended key usage without an entry, and
// noUsageListed a key usage without a bit: RFC 5280, 4.2.1.12 and 4.2.1.3,
// forbid both.
func noPurposeListed() pkitest.Deviation {
	return pkitest.Template(func(template *x509.Certificate) {
		template.ExtKeyUsage = nil
		empty := pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Value: []byte{0x30, 0x00}}
		template.ExtraExtensions = append(template.ExtraExtensions, empty)
	})
}

func noUsageListed() pkitest.Deviation {
	return pkitest.Template(func(template *x509.Certificate) {
		template.KeyUsage = 0
		empty := pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 15}, Value: []byte{0x03, 0x01, 0x00}}
		template.ExtraExtensions = append(template.ExtraExtensions, empty)
	})
}

// caWithPathLength makes a CA of whatever the node is: a path length has no
// meaning elsewhere.
func caWithPathLength(length int) pkitest.Deviation {
	return pkitest.Template(func(template *x509.Certificate) {
		template.BasicConstraintsValid, template.IsCA = true, true
		template.MaxPathLen, template.MaxPathLenZero = length, length == 0
	})
}

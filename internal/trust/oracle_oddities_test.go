package trust_test

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"flag"
	"fmt"
	"maps"
	"math/big"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/seeds"
)

// TestOracleOddities asks openssl verify about chains whose certificates say
// unusual things: every oddity of every certificate alone, and random ones
// together. Both the verdict and the first error must be the same. With random
// seeds it asks about as many as -rapid.checks says.
func TestOracleOddities(t *testing.T) {
	t.Parallel()
	program := needProgram(t, "openssl")
	var lock sync.Mutex
	ran, accepted := 0, 0
	numbers := map[string]int{}
	ask := func(name string, drawing []string, picks map[string][]string) {
		t.Run(name, func(t *testing.T) {
			q := oddChain(t, drawing, picks)
			first := q.askOpenSSL(t, program)
			lock.Lock()
			defer lock.Unlock()
			ran++
			numbers[first]++
			if q.compare(t, first) {
				accepted++
			}
		})
	}
	names := slices.Sorted(maps.Keys(certificateOddities()))
	drawing := []string{"edge", "issuing", "root"}
	for _, name := range names {
		for _, node := range drawing {
			if name == "Ed25519" && node != "edge" { // nothing rewrites what it signs
				continue
			}
			ask(node+": "+name, drawing, map[string][]string{node: {name}})
		}
	}
	count, seed := 200, 0
	if os.Getenv(seeds.Variable) != "" {
		count, seed = flag.Lookup("rapid.checks").Value.(flag.Getter).Get().(int), int(time.Now().UnixNano())
	}
	for number := range count {
		chance := rand.New(rand.NewPCG(uint64(seed+number), 13))
		picks := map[string][]string{}
		for range 2 + chance.IntN(2) {
			node := drawing[chance.IntN(3)]
			if name := names[chance.IntN(len(names))]; name != "Ed25519" || node == "edge" {
				picks[node] = append(picks[node], name)
			}
		}
		ask(fmt.Sprintf("seed %d", seed+number), drawing, picks)
	}
	announce(t, fmt.Sprintf("oracle openssl verify, oddities: %d ran, %d trusted by both; first errors %v", ran, accepted, numbers))
}

// oddChain makes a chain whose nodes have the oddities picked.
func oddChain(t *testing.T, drawing []string, picks map[string][]string) listQuestion {
	t.Helper()
	var list []pkitest.Setting
	known := certificateOddities()
	for node, names := range picks {
		for _, name := range names {
			list = append(list, with(node, known[name]))
		}
	}
	graph := pkitest.Build(t, strings.Join(drawing, " <- "), list...)
	last := len(drawing) - 1
	return listQuestion{anchors: graph.Certificates(drawing[last]), presented: graph.Certificates(drawing[:last]...), story: fmt.Sprint(picks)}
}

// certificateOddities are what certificates may say that is unusual.
func certificateOddities() map[string]pkitest.Deviation {
	all := map[string]pkitest.Deviation{}
	add := func(name string, id asn1.ObjectIdentifier, value ...byte) {
		all[name] = pkitest.Extension(id, false, value)
		if !slices.ContainsFunc(neverCritical(), id.Equal) {
			all[name+", critical"] = pkitest.Extension(id, true, value)
		}
	}
	add("proxy", object(1, 3, 6, 1, 5, 5, 7, 1, 14), 0x30, 0x0c, 0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x15, 0x01)
	add("addresses", object(1, 3, 6, 1, 5, 5, 7, 1, 7), 0x30, 0x0e, 0x30, 0x0c, 0x04, 0x02, 0x00, 0x01, 0x30, 0x06, 0x03, 0x04, 0x00, 0x0a, 0x00, 0x01)
	add("addresses, unreadable", object(1, 3, 6, 1, 5, 5, 7, 1, 7), 0x05, 0x00)
	add("addresses inherited", object(1, 3, 6, 1, 5, 5, 7, 1, 7), 0x30, 0x08, 0x30, 0x06, 0x04, 0x02, 0x00, 0x01, 0x05, 0x00)
	add("systems", object(1, 3, 6, 1, 5, 5, 7, 1, 8), 0x30, 0x07, 0xa0, 0x05, 0x30, 0x03, 0x02, 0x01, 0x07)
	add("systems, unreadable", object(1, 3, 6, 1, 5, 5, 7, 1, 8), 0x05, 0x00)
	add("Netscape type, unreadable", object(2, 16, 840, 1, 113730, 1, 1), 0x05, 0x00)
	add("Netscape type, long", object(2, 16, 840, 1, 113730, 1, 1), 0x03, 0x03, 0x00, 0xff, 0xff)
	add("Netscape type, S/MIME CA", object(2, 16, 840, 1, 113730, 1, 1), 0x03, 0x02, 0x01, 0x02)
	add("issuer's names, unreadable", object(2, 5, 29, 18), 0x05, 0x00)
	add("issuer's names", object(2, 5, 29, 18), 0x30, 0x03, 0x82, 0x01, 'x')
	add("another name, unreadable", object(2, 5, 29, 17), 0x30, 0x04, 0xa0, 0x02, 0x05, 0x00)
	add("an X.400 name", object(2, 5, 29, 17), 0x30, 0x02, 0xa3, 0x00)
	add("a registered name", object(2, 5, 29, 17), 0x30, 0x04, 0x88, 0x02, 0x2a, 0x03)
	add("a directory name", object(2, 5, 29, 17), 0x30, 0x10, 0xa4, 0x0e, 0x30, 0x0c, 0x31, 0x0a, 0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x01, 'y')
	add("a directory name, unreadable", object(2, 5, 29, 17), 0x30, 0x04, 0xa4, 0x02, 0x05, 0x00)
	add("no alternative names", object(2, 5, 29, 17), 0x30, 0x00)
	add("permits directory a", object(2, 5, 29, 30), 0x30, 0x14, 0xa0, 0x12, 0x30, 0x10, 0xa4, 0x0e, 0x30, 0x0c, 0x31, 0x0a, 0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x01, 'a')
	add("permits directory y", object(2, 5, 29, 30), 0x30, 0x14, 0xa0, 0x12, 0x30, 0x10, 0xa4, 0x0e, 0x30, 0x0c, 0x31, 0x0a, 0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x01, 'y')
	add("excludes directory y", object(2, 5, 29, 30), 0x30, 0x14, 0xa1, 0x12, 0x30, 0x10, 0xa4, 0x0e, 0x30, 0x0c, 0x31, 0x0a, 0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x01, 'y')
	add("permits registered names", object(2, 5, 29, 30), 0x30, 0x08, 0xa0, 0x06, 0x30, 0x04, 0x88, 0x02, 0x2a, 0x03)
	add("excludes registered names", object(2, 5, 29, 30), 0x30, 0x08, 0xa1, 0x06, 0x30, 0x04, 0x88, 0x02, 0x2a, 0x03)
	add("permits with a minimum", object(2, 5, 29, 30), 0x30, 0x0a, 0xa0, 0x08, 0x30, 0x06, 0x82, 0x01, 'x', 0x80, 0x01, 0x01)
	add("permits with a maximum", object(2, 5, 29, 30), 0x30, 0x0a, 0xa0, 0x08, 0x30, 0x06, 0x82, 0x01, 'x', 0x81, 0x01, 0x01)
	add("permits with a minimum of 0", object(2, 5, 29, 30), 0x30, 0x0a, 0xa0, 0x08, 0x30, 0x06, 0x82, 0x01, 'x', 0x80, 0x01, 0x00)
	add("distribution point without a name", object(2, 5, 29, 31), 0x30, 0x06, 0x30, 0x04, 0x81, 0x02, 0x06, 0x40)
	add("no distribution point", object(2, 5, 29, 31), 0x30, 0x00)
	add("an empty distribution point", object(2, 5, 29, 31), 0x30, 0x02, 0x30, 0x00)
	add("freshest list", object(2, 5, 29, 46), 0x30, 0x09, 0x30, 0x07, 0xa0, 0x05, 0xa0, 0x03, 0x86, 0x01, 'u')
	add("inhibits any policy", object(2, 5, 29, 54), 0x02, 0x01, 0x00)
	add("requires a policy at once", object(2, 5, 29, 36), 0x30, 0x03, 0x80, 0x01, 0x00)
	add("requires a policy later", object(2, 5, 29, 36), 0x30, 0x03, 0x80, 0x01, 0x02)
	add("maps policies", object(2, 5, 29, 33), 0x30, 0x0a, 0x30, 0x08, 0x06, 0x02, 0x2a, 0x03, 0x06, 0x02, 0x2a, 0x04)
	add("information access", object(1, 3, 6, 1, 5, 5, 7, 1, 1), 0x30, 0x11, 0x30, 0x0f, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x02, 0x86, 0x03, 'a', ':', 'b')
	add("must staple", object(1, 3, 6, 1, 5, 5, 7, 1, 24), 0x30, 0x03, 0x02, 0x01, 0x05)
	add("private key usage period", object(2, 5, 29, 16), 0x30, 0x00)
	add("directory attributes", object(2, 5, 29, 9), 0x30, 0x00)
	add("OCSP no check", object(1, 3, 6, 1, 5, 5, 7, 48, 1, 5), 0x05, 0x00)
	add("Microsoft template", object(1, 3, 6, 1, 4, 1, 311, 20, 2), 0x1e, 0x02, 0x00, 'a')
	add("poison", object(1, 3, 6, 1, 4, 1, 11129, 2, 4, 3), 0x05, 0x00)
	add("key usage, all", object(2, 5, 29, 15), 0x03, 0x03, 0x07, 0xff, 0x80)
	add("key usage, decipher only", object(2, 5, 29, 15), 0x03, 0x03, 0x07, 0x00, 0x80)
	add("purposes, step-up", object(2, 5, 29, 37), 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x86, 0xf8, 0x42, 0x04, 0x01)
	add("purposes, unknown one", object(2, 5, 29, 37), 0x30, 0x04, 0x06, 0x02, 0x2a, 0x03)
	add("purposes, client and unknown", object(2, 5, 29, 37), 0x30, 0x0e, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02, 0x06, 0x02, 0x2a, 0x03)
	add("purposes, any", object(2, 5, 29, 37), 0x30, 0x06, 0x06, 0x04, 0x55, 0x1d, 0x25, 0x00)
	add("authority key id, empty", object(2, 5, 29, 35), 0x30, 0x00)
	add("authority key id, of no bytes", object(2, 5, 29, 35), 0x30, 0x02, 0x80, 0x00)
	add("authority key id, serial only", object(2, 5, 29, 35), 0x30, 0x03, 0x82, 0x01, 0x07)
	add("subject key id, of no bytes", object(2, 5, 29, 14), 0x04, 0x00)
	add("basic constraints, CA", object(2, 5, 29, 19), 0x30, 0x03, 0x01, 0x01, 0xff)
	add("basic constraints, no CA", object(2, 5, 29, 19), 0x30, 0x00)
	add("basic constraints, CA with path length 0", object(2, 5, 29, 19), 0x30, 0x06, 0x01, 0x01, 0xff, 0x02, 0x01, 0x00)
	add("systems inherited", object(1, 3, 6, 1, 5, 5, 7, 1, 8), 0x30, 0x04, 0xa0, 0x02, 0x05, 0x00)
	add("other systems", object(1, 3, 6, 1, 5, 5, 7, 1, 8), 0x30, 0x07, 0xa0, 0x05, 0x30, 0x03, 0x02, 0x01, 0x08)
	add("basic constraints, no CA with path length 0", object(2, 5, 29, 19), 0x30, 0x03, 0x02, 0x01, 0x00)
	maps.Copy(all, shapeOddities())
	return all
}

// neverCritical are those that crypto/x509 does not read if they are critical.
func neverCritical() []asn1.ObjectIdentifier {
	return []asn1.ObjectIdentifier{object(2, 5, 29, 14), object(2, 5, 29, 35), object(1, 3, 6, 1, 5, 5, 7, 1, 1)}
}

// shapeOddities are those that are no extension.
func shapeOddities() map[string]pkitest.Deviation {
	now := pkitest.Now()
	long, _ := new(big.Int).SetString("7fffffffffffffffffffffffffffffffffffffff", 16)
	return map[string]pkitest.Deviation{
		"version 1":                        pkitest.Version1(),
		"serial 0":                         pkitest.Serial(big.NewInt(0)),
		"serial of 20 bytes":               pkitest.Serial(long),
		"RSA-2048":                         pkitest.Algorithm(pki.RSA2048),
		"P-521":                            pkitest.Algorithm(pki.ECDSAP384),
		"Ed25519":                          pkitest.Algorithm(pki.Ed25519),
		"ends in 9999":                     pkitest.Valid(now.AddDate(-1, 0, 0), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)),
		"began in 1950":                    pkitest.Valid(time.Date(1950, 1, 1, 0, 0, 0, 0, time.UTC), now.AddDate(1, 0, 0)),
		"began in 1900":                    pkitest.Valid(time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), now.AddDate(1, 0, 0)),
		"ends now":                         pkitest.Valid(now.AddDate(-1, 0, 0), now),
		"ended a second ago":               pkitest.Valid(now.AddDate(-1, 0, 0), now.Add(-time.Second)),
		"ends in a second":                 pkitest.Valid(now.AddDate(-1, 0, 0), now.Add(time.Second)),
		"begins now":                       pkitest.Valid(now, now.AddDate(1, 0, 0)),
		"begins in a second":               pkitest.Valid(now.Add(time.Second), now.AddDate(1, 0, 0)),
		"ends before it begins":            pkitest.Valid(now.Add(time.Hour), now.Add(-time.Hour)),
		"dates with an offset":             pkitest.DatesWithOffset(),
		"no key id":                        pkitest.NoKeyID(),
		"broken signature":                 pkitest.BrokenSignature(),
		"SHA-1":                            pkitest.SHA1(),
		"an empty subject":                 pkitest.RawSubject([]byte{0x30, 0x00}),
		"a subject in BMPString":           called(asn1.TagBMPString, "\x00e\x00d\x00g\x00e"),
		"a subject in T61String":           called(asn1.TagT61String, "edge"),
		"a subject with an e-mail address": pkitest.Subject(pkix.Name{CommonName: "a", ExtraNames: []pkix.AttributeTypeAndValue{{Type: object(1, 2, 840, 113549, 1, 9, 1), Value: "x@a.example"}}}),
		"an e-mail address in the subject": pkitest.Subject(pkix.Name{CommonName: "a", ExtraNames: []pkix.AttributeTypeAndValue{{Type: object(1, 2, 840, 113549, 1, 9, 1), Value: asn1.RawValue{Tag: asn1.TagIA5String, Bytes: []byte("x@a.example")}}}}),
		"permits e-mail of a host":         pkitest.Permitted(pkitest.Subtree{Kind: "email", Base: "b.example"}),
		"excludes e-mail":                  pkitest.Excluded(pkitest.Subtree{Kind: "email", Base: "a.example"}),
		"permits IPv6":                     pkitest.Permitted(pkitest.Subtree{Kind: "ip", Base: "2001:db8::/32"}),
		"excludes IPv6":                    pkitest.Excluded(pkitest.Subtree{Kind: "ip", Base: "2001:db8::/32"}),
		"permits IPv4":                     pkitest.Permitted(pkitest.Subtree{Kind: "ip", Base: "192.0.2.0/25"}),
		"excludes everything IPv4":         pkitest.Excluded(pkitest.Subtree{Kind: "ip", Base: "0.0.0.0/0"}),
		"permits .a.example":               pkitest.Permitted(pkitest.Subtree{Kind: "dns", Base: ".a.example"}),
		"IPv6":                             pkitest.IP("2001:db8::1"),
		"IPv6, another":                    pkitest.IP("2001:db9::1"),
		"IPv4":                             pkitest.IP("192.0.2.200"),
		"IPv4 as IPv6":                     pkitest.IP("::ffff:192.0.2.1"),
		"DNS a.example":                    pkitest.DNS("a.example"),
		"DNS in capitals":                  pkitest.DNS("B.A.EXAMPLE"),
		"DNS with a wildcard":              pkitest.DNS("*.a.example"),
		"DNS with a period at its end":     pkitest.DNS("b.a.example."),
		"DNS beginning with a period":      pkitest.DNS(".a.example"),
		"e-mail in capitals":               pkitest.Email("X@A.EXAMPLE"),
		"URI with a port":                  pkitest.URI("https://a.example:8443/x"),
		"URI with a user":                  pkitest.URI("https://user@a.example/x"),
		"URI with an address":              pkitest.URI("https://192.0.2.1/x"),
		"permits URI a.example":            pkitest.Permitted(pkitest.Subtree{Kind: "uri", Base: "a.example"}),
		"excludes URI a.example":           pkitest.Excluded(pkitest.Subtree{Kind: "uri", Base: "a.example"}),
	}
}

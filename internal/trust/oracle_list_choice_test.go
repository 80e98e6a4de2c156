package trust_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/seeds"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// TestOracleListChoice asks openssl verify with -crl_check_all, which is what nginx,
// HAProxy and Apache ask for, about chains with random revocation lists: whole,
// partial, of namesakes, stale, forged and odd ones. Both the verdict and the
// first error must be the same. With random seeds it asks as many times as
// -rapid.checks says.
func TestOracleListChoice(t *testing.T) {
	t.Parallel()
	program := needProgram(t, "openssl")
	count, seed := 400, 0
	if os.Getenv(seeds.Variable) != "" {
		count, seed = flag.Lookup("rapid.checks").Value.(flag.Getter).Get().(int), int(time.Now().UnixNano())
	}
	var lock sync.Mutex
	accepted := 0
	numbers := map[string]int{}
	t.Run("all", func(t *testing.T) {
		for number := range count {
			t.Run(fmt.Sprint(seed+number), func(t *testing.T) {
				q := drawListQuestion(t, seed+number)
				first := q.askOpenSSL(t, program)
				lock.Lock()
				defer lock.Unlock()
				if q.compare(t, first) {
					accepted++
				}
				numbers[first]++
			})
		}
	})
	announce(t, fmt.Sprintf("oracle openssl verify -crl_check_all: %d ran, %d trusted by both; first errors %v", count, accepted, numbers))
}

// A listQuestion is a chain, and revocation lists to hold against it.
type listQuestion struct {
	anchors, presented []*x509.Certificate
	lists              []*x509.RevocationList
	story              string
}

// compare holds openssl's first error, empty for none, against Apache's verdict
// of Evaluate. It reports whether both accept.
func (q listQuestion) compare(t *testing.T, first string) bool {
	t.Helper()
	verdict := trust.Evaluate(q.anchors, q.presented, trust.Options{Verifier: trust.Apache, VerifyDepth: new(10), At: pkitest.Now(), RevocationLists: q.lists})
	if (first == "") != verdict.Trusted {
		t.Errorf("openssl's first error is %q, Evaluate says %s\n%s", first, inWords(verdict), q.story)
	}
	says := verdict.Picture.Says
	if first != "" && !verdict.Trusted && !strings.Contains(says, "Error ("+first+"):") {
		t.Errorf("openssl's first error is %q, Evaluate foretells %q of %s\n%s", first, says, codesOf(verdict), q.story)
	}
	return first == "" && verdict.Trusted
}

// askOpenSSL returns the number of the first error, or nothing.
func (q listQuestion) askOpenSSL(t *testing.T, program string) string {
	t.Helper()
	o := openssl{path: program, folder: t.TempDir()}
	arguments := []string{"verify", "-auth_level", "2", "-purpose", "sslclient", "-attime", fmt.Sprint(pkitest.Now().Unix()),
		"-no-CApath", "-no-CAstore", "-CAfile", o.write(t, "uploaded", q.anchors...)}
	if len(q.lists) > 0 {
		lists := filepath.Join(o.folder, "lists")
		if err := os.WriteFile(lists, []byte(pki.EncodeRevocationLists(q.lists...)), 0o600); err != nil {
			t.Fatal(err)
		}
		arguments = append(arguments, "-crl_check_all", "-CRLfile", lists)
	}
	if len(q.presented) > 1 {
		arguments = append(arguments, "-untrusted", o.write(t, "beside", q.presented[1:]...))
	}
	command := exec.CommandContext(t.Context(), program, append(arguments, o.write(t, "leaf", q.presented[0]))...)
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	err := command.Run()
	match := regexp.MustCompile(`(?m)^error (\d+) at \d+ depth lookup`).FindStringSubmatch(output.String())
	switch {
	case match != nil:
		return match[1]
	case err != nil:
		t.Fatalf("%v: %s", err, output.String())
	}
	return ""
}

// drawListQuestion draws a chain, some of whose CAs share a name, with lists of
// most CAs.
func drawListQuestion(t *testing.T, seed int) listQuestion {
	t.Helper()
	chance := rand.New(rand.NewPCG(uint64(seed), 11))
	one := func(in int) bool { return chance.IntN(in) == 0 }
	shape := []string{"edge <- issuing <- root", "edge <- root~1 <- root", "edge <- root", "edge <- a <- b <- root", "edge <- a~1 <- b <- a"}[chance.IntN(5)]
	nodes := strings.Split(shape, " <- ")
	var list []pkitest.Setting
	var story []string
	set := func(node, what string, deviation pkitest.Deviation) {
		list, story = append(list, with(node, deviation)), append(story, node+": "+what)
	}
	for _, node := range nodes {
		if one(4) {
			points := certificatePoints()
			name := slices.Sorted(maps.Keys(points))[chance.IntN(len(points))]
			set(node, name, pkitest.Extension(object(2, 5, 29, 31), false, points[name]))
		}
		if node != "edge" && one(8) {
			set(node, "may not sign lists", pkitest.KeyUsage(x509.KeyUsageCertSign))
		}
		if node != "edge" && !strings.Contains(shape, "~") && one(8) { // or the path is another one
			set(node, "no key id", pkitest.NoKeyID())
		}
	}
	graph := pkitest.Build(t, shape+"\nstranger\nroot~9\na~9\nissuing~9\nb~9", list...)
	q := listQuestion{anchors: graph.Certificates(nodes[len(nodes)-1]), presented: graph.Certificates(nodes[:len(nodes)-1]...)}
	for _, issuer := range nodes[1:] {
		for range []int{1, 1, 1, 1, 1, 2, 2, 3, 0}[chance.IntN(9)] {
			revocation, told := drawList(issuer, nodes, graph, chance)
			q.lists = append(q.lists, graph.RevocationList(revocation))
			story = append(story, fmt.Sprintf("list %d of %s: %s", len(q.lists), issuer, told))
		}
	}
	if len(q.lists) == 0 { // openssl then has none for anybody, and a server would not be asked to look
		q.lists = append(q.lists, graph.RevocationList(pkitest.Revocation{Issuer: "stranger"}))
	}
	q.story = fmt.Sprintf("seed %d, %s\n%s", seed, shape, strings.Join(story, "\n"))
	return q
}

// drawList draws what is odd about a list: most often nothing.
func drawList(issuer string, nodes []string, graph *pkitest.Graph, chance *rand.Rand) (revocation pkitest.Revocation, story string) {
	now := pkitest.Now()
	revocation = pkitest.Revocation{Issuer: issuer, ThisUpdate: now.Add(-time.Duration(chance.IntN(3)+1) * time.Hour), NextUpdate: now.Add(time.Hour)}
	var told []string
	if chance.IntN(5) == 0 {
		revocation.Revoked = nodes[chance.IntN(len(nodes)):][:1]
		revocation.Reason = []int{0, 1, 6, 8}[chance.IntN(4)]
		told = append(told, fmt.Sprintf("revokes %v for reason %d", revocation.Revoked, revocation.Reason))
	}
	odd := listOddities(issuer, graph)
	for range []int{0, 0, 0, 1, 1, 2}[chance.IntN(6)] {
		o := odd[chance.IntN(len(odd))]
		o.change(&revocation)
		told = append(told, o.name)
	}
	return revocation, strings.Join(told, ", ") + fmt.Sprintf(" (since %s)", now.Sub(revocation.ThisUpdate))
}

type listOddity struct {
	name   string
	change func(*pkitest.Revocation)
}

// listOddities are all that may be odd about a list.
func listOddities(issuer string, graph *pkitest.Graph) []listOddity {
	now := pkitest.Now()
	extended := func(name string, id asn1.ObjectIdentifier, critical bool, value ...byte) listOddity {
		return listOddity{name, func(r *pkitest.Revocation) {
			r.Extensions = append(slices.DeleteFunc(r.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(id) }), pkix.Extension{Id: id, Critical: critical, Value: value})
		}}
	}
	point, delta := object(2, 5, 29, 28), object(2, 5, 29, 27)
	subject, _, _ := strings.Cut(issuer, "~")
	return []listOddity{
		extended("for users only", point, true, 0x30, 0x03, 0x81, 0x01, 0xff),
		extended("for CAs only", point, true, 0x30, 0x03, 0x82, 0x01, 0xff),
		extended("for CAs only, not critical", point, false, 0x30, 0x03, 0x82, 0x01, 0xff),
		extended("for users and CAs only", point, true, 0x30, 0x06, 0x81, 0x01, 0xff, 0x82, 0x01, 0xff),
		extended("for attributes only", point, true, 0x30, 0x03, 0x85, 0x01, 0xff),
		extended("for some reasons only", point, true, 0x30, 0x04, 0x83, 0x02, 0x06, 0x40),
		extended("indirect", point, true, 0x30, 0x03, 0x84, 0x01, 0xff),
		extended("at u", point, true, append([]byte{0x30, 0x07, 0xa0, 0x05, 0xa0, 0x03, 0x86, 0x01}, 'u')...),
		extended("at v", point, true, append([]byte{0x30, 0x07, 0xa0, 0x05, 0xa0, 0x03, 0x86, 0x01}, 'v')...),
		extended("only changes", delta, true, 0x02, 0x01, 0x01),
		extended("only changes, not critical", delta, false, 0x02, 0x01, 0x01),
		extended("an unknown extension", object(1, 2, 3, 4), false, 0x05, 0x00),
		extended("an unknown critical extension", object(1, 2, 3, 4), true, 0x05, 0x00),
		extended("a freshest list", object(2, 5, 29, 46), false, distributionPoints("u")...),
		{"stale", func(r *pkitest.Revocation) { r.ThisUpdate, r.NextUpdate = now.Add(-3*time.Hour), now.Add(-time.Hour) }},
		{"ends now", func(r *pkitest.Revocation) { r.ThisUpdate, r.NextUpdate = now.Add(-time.Hour), now }},
		{"begins now", func(r *pkitest.Revocation) { r.ThisUpdate, r.NextUpdate = now, now.Add(time.Hour) }},
		{"of the future", func(r *pkitest.Revocation) { r.ThisUpdate, r.NextUpdate = now.Add(time.Hour), now.Add(2*time.Hour) }},
		{"signed by a stranger", func(r *pkitest.Revocation) { r.SignedWith = "stranger" }},
		{"signed by a namesake", func(r *pkitest.Revocation) {
			r.SignedWith, r.AuthorityKeyID = subject+"~9", graph.Certificate(subject+"~9").SubjectKeyId
		}},
		{"with a wrong key id", func(r *pkitest.Revocation) { r.AuthorityKeyID = []byte("another") }},
		{"bare", func(r *pkitest.Revocation) { r.Bare = true }},
		{"with entries that say something critical", func(r *pkitest.Revocation) {
			r.Revoked, r.EntryExtensions = []string{"stranger"}, []pkix.Extension{{Id: object(1, 2, 3, 5), Critical: true, Value: []byte{0x05, 0x00}}}
		}},
		{"with entries that say something", func(r *pkitest.Revocation) {
			r.EntryExtensions = []pkix.Extension{{Id: object(1, 2, 3, 5), Value: []byte{0x05, 0x00}}}
		}},
	}
}

// certificatePoints are distribution points of certificates (RFC 5280, 4.2.1.13).
func certificatePoints() map[string][]byte {
	u := []byte{0xa0, 0x05, 0xa0, 0x03, 0x86, 0x01, 'u'}
	v := []byte{0xa0, 0x05, 0xa0, 0x03, 0x86, 0x01, 'v'}
	someone := []byte{0xa2, 0x10, 0xa4, 0x0e, 0x30, 0x0c, 0x31, 0x0a, 0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x01, 'x'}
	one, other := []byte{0x81, 0x02, 0x06, 0x40}, []byte{0x81, 0x03, 0x07, 0x3f, 0x80}
	sequence := func(parts ...[]byte) []byte {
		body := slices.Concat(parts...)
		return append([]byte{0x30, byte(len(body))}, body...)
	}
	return map[string][]byte{
		"points to u":                                         sequence(sequence(u)),
		"points to v and to u":                                sequence(sequence(v), sequence(u)),
		"points to nothing by a name":                         sequence(sequence(one)),
		"points to u for one reason":                          sequence(sequence(u, one)),
		"points to u for one reason, and to v for the others": sequence(sequence(u, one), sequence(v, other)),
		"points to lists of another issuer":                   sequence(sequence(u, someone)),
	}
}

// distributionPoints is an extension of the kind (RFC 5280, 4.2.1.13) with one
// point, at a URI of one letter.
func distributionPoints(uri string) []byte {
	return append([]byte{0x30, 0x09, 0x30, 0x07, 0xa0, 0x05, 0xa0, 0x03, 0x86, 0x01}, uri...)
}

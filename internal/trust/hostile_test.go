package trust_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
	"github.com/trustplane/terraform-provider-mtls/internal/trust/drawing"
)

// extremes are questions that no careful operator asks, by name.
func extremes(t testing.TB) map[string]question {
	t.Helper()
	graph := pkitest.Build(t, chain)
	root, presented := graph.Certificates("root"), graph.Certificates("edge issuing")
	at := trust.Options{At: pkitest.Now()}
	list := map[string]question{
		"no instant":             {anchors: root, presented: presented},
		"no certificate at all":  {options: at},
		"nil certificates":       {anchors: append([]*x509.Certificate{nil}, root...), presented: append(presented, nil, &x509.Certificate{}), options: at},
		"a leaf that is nil":     {anchors: root, presented: []*x509.Certificate{nil}, options: at},
		"an upload that is nil":  {anchors: []*x509.Certificate{nil, graph.Certificate("edge")}, presented: presented, options: trust.Options{At: pkitest.Now(), Verifier: trust.KongHybridShared}},
		"a revocation list: nil": {anchors: root, presented: presented, options: trust.Options{At: pkitest.Now(), RevocationLists: []*x509.RevocationList{nil, {}}}},
		"a purpose out of range": {anchors: root, presented: presented, options: trust.Options{At: pkitest.Now(), Purpose: 99}},
		"short rsa issuer":       shortRSA(t),
	}
	why := map[int]error{0: errors.New("x509: negative serial number")}
	list["an upload that cannot be read"] = question{
		anchors: append([]*x509.Certificate{nil}, root...), presented: presented, options: trust.Options{At: pkitest.Now(), UnreadableAnchors: why},
	}
	list["a list that cannot be read"] = question{
		anchors: root, presented: presented, options: trust.Options{
			At: pkitest.Now(), RevocationLists: []*x509.RevocationList{nil}, UnreadableRevocationLists: map[int]error{0: errors.New("x509: malformed \x1b[31m date")},
		},
	}
	list["a leaf that cannot be read"] = question{
		anchors: root, presented: append([]*x509.Certificate{nil}, presented...), options: trust.Options{At: pkitest.Now(), UnreadablePresented: why},
	}
	crossed := mesh(t, 12)
	list["a mesh, nothing uploaded fits"] = question{anchors: root, presented: append(crossed.Certificates("edge"), crossCertificates(crossed)...), options: at}
	list["a mesh, one of it is uploaded"] = question{anchors: crossed.Certificates("ca7"), presented: append(crossed.Certificates("edge"), crossCertificates(crossed)...), options: at}
	same := namesakes(t, 300, true)
	list["hundreds of one name"] = question{anchors: same.anchors, presented: same.presented, options: at}
	many := namesakes(t, 1200, false)
	list["more than a thousand presented"] = question{anchors: many.anchors, presented: many.presented, options: at}
	list["more than a thousand uploaded"] = question{anchors: append(many.presented[2:], many.anchors...), presented: many.presented[:2], options: at}
	list["ninety levels"], list["three hundred levels"] = tower(t, 90), tower(t, 300)
	list["names by the thousand"] = wide(t)
	list["giant names and serial"] = giant(t)
	list["ten thousand attributes"] = attributes(t)
	return list
}

// TestExtremes judges them: every verdict is whole, and these are right.
func TestExtremes(t *testing.T) {
	want := map[string]string{
		"no instant":                     "instant_missing",
		"no certificate at all":          "nothing_presented",
		"nil certificates":               "unusable_certificate? unusable_certificate? unusable_certificate?",
		"a leaf that is nil":             "nothing_presented",
		"an upload that is nil":          "pin_not_first unusable_certificate?",
		"a revocation list: nil":         "",
		"an upload that cannot be read":  "unusable_certificate?",
		"a leaf that cannot be read":     "unusable_certificate",
		"a list that cannot be read":     "revocation_list_unusable?",
		"a purpose out of range":         "",
		"short rsa issuer":               "weak_key weak_key? weak_key?",
		"a mesh, nothing uploaded fits":  "no_upload_reached limit_reached?",
		"a mesh, one of it is uploaded":  "limit_reached?",
		"hundreds of one name":           "same_name_other_key presented_unused? presented_unused? presented_unused? presented_unused? presented_unused? limit_reached? findings_left_out?",
		"more than a thousand presented": "limit_reached? presented_unused? presented_unused? presented_unused? presented_unused? presented_unused? findings_left_out?",
		"more than a thousand uploaded":  "too_many_uploads?",
		"ninety levels":                  "",
		"three hundred levels":           "limit_reached",
		"names by the thousand":          "limit_reached",
		"giant names and serial":         "expired",
		"ten thousand attributes":        "expired",
	}
	for name, q := range extremes(t) {
		t.Run(name, func(t *testing.T) {
			verdict := trust.Evaluate(q.anchors, q.presented, q.options)
			if got := codesOf(verdict); got != want[name] {
				t.Errorf("findings %q, want %q\n%s", got, want[name], drawing.Summary(verdict))
			}
			if fault := malformed(verdict, q.anchors, q.presented); fault != "" {
				t.Error(fault)
			}
			if size := len(drawing.Summary(verdict)) + len(drawing.Diagram(verdict)); size > 100_000 {
				t.Errorf("%d bytes of explanation", size)
			}
		})
	}
}

// tower is a chain of many CAs.
func tower(t testing.TB, height int) question {
	t.Helper()
	names := []string{"edge"}
	for i := range height {
		names = append(names, fmt.Sprintf("ca%d", i))
	}
	graph := pkitest.Build(t, strings.Join(names, " <- "))
	return question{
		anchors: graph.Certificates(names[height]), presented: graph.Certificates(names[:height]...),
		options: trust.Options{At: pkitest.Now()},
	}
}

// wide is a leaf of very many names below a CA of very many constraints, none
// of which holds the last one.
func wide(t testing.TB) question {
	t.Helper()
	var permitted []pkitest.Subtree
	var names []string
	for i := range 1000 {
		permitted = append(permitted, dns(fmt.Sprintf("%d.example", i)))
		names = append(names, fmt.Sprintf("x.%d.example", i))
	}
	graph := pkitest.Build(t, chain, with("issuing", pkitest.Permitted(permitted...)), with("edge", pkitest.DNS(append(names, "outside.test")...)))
	return question{anchors: graph.Certificates("root"), presented: graph.Certificates("edge issuing"), options: trust.Options{At: pkitest.Now()}}
}

// giant is an expired leaf whose names and serial number fill pages.
func giant(t testing.TB) question {
	t.Helper()
	long := strings.Repeat("\x1b[31m\n`\"]<b>", 10_000)
	graph := pkitest.Build(t, chain, with("edge", pkitest.ExpiredFor(1), pkitest.Template(func(template *x509.Certificate) {
		template.Subject.CommonName = long
		template.SerialNumber = new(big.Int).Lsh(big.NewInt(1), 159)
	})))
	return question{anchors: graph.Certificates("root"), presented: graph.Certificates("edge issuing"), options: trust.Options{At: pkitest.Now()}}
}

// attributes is an expired leaf with thousands of attributes in its subject, which
// pkix.Name takes seconds to write.
func attributes(t testing.TB) question {
	t.Helper()
	var sequence pkix.RDNSequence
	for i := range 10_000 {
		sequence = append(sequence, []pkix.AttributeTypeAndValue{{Type: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}, Value: fmt.Sprintf("%d@a.example", i)}})
	}
	name, err := asn1.Marshal(sequence)
	if err != nil {
		t.Fatal(err)
	}
	graph := pkitest.Build(t, chain, with("edge", pkitest.ExpiredFor(1), pkitest.RawSubject(name)))
	return question{anchors: graph.Certificates("root"), presented: graph.Certificates("edge issuing"), options: trust.Options{At: pkitest.Now()}}
}

// TestDiagramEscapes shows that a certificate's name cannot leave its box.
func TestDiagramEscapes(t *testing.T) {
	q := giant(t)
	diagram := drawing.Diagram(trust.Evaluate(q.anchors, q.presented, q.options))
	for line := range strings.Lines(diagram) {
		if label, ok := strings.CutPrefix(line, `  c0["`); ok {
			label, _, _ = strings.Cut(strings.NewReplacer("<br/>", "", "<b>", "", "</b>", "").Replace(label), `"]:::`)
			if strings.ContainsAny(label, "\"`<>[]%\x1b") {
				t.Errorf("the label has markup: %s", label)
			}
			return
		}
	}
	t.Errorf("no box for the leaf:\n%s", diagram)
}

// TestInputIsLeftAlone shows that Evaluate changes nothing that it is given.
func TestInputIsLeftAlone(t *testing.T) {
	graph := pkitest.Build(t, chain)
	anchors, presented := graph.Certificates("root issuing"), graph.Certificates("edge issuing root")
	before := graph.Path(append(anchors, presented...))
	trust.Evaluate(anchors, presented, trust.Options{At: pkitest.Now()})
	if after := graph.Path(append(anchors, presented...)); after != before {
		t.Errorf("%q became %q", before, after)
	}
}

// TestRevocationIsNotWornOut shows that a revoked leaf stays revoked however
// many ways lead up from it.
func TestRevocationIsNotWornOut(t *testing.T) {
	graph := mesh(t, 12)
	presented := append(graph.Certificates("edge"), crossCertificates(graph)...)
	revoking := graph.RevocationList(pkitest.Revocation{Issuer: "ca0", Revoked: []string{"edge"}})
	var others []*x509.RevocationList
	for i := range 60 {
		others = append(others, graph.RevocationList(pkitest.Revocation{Issuer: fmt.Sprintf("ca%d", i%12)}))
	}
	anchors := graph.Certificates("ca7 ca8 ca9")
	options := trust.Options{At: pkitest.Now(), RevocationLists: append(others, revoking)}
	verdict := trust.Evaluate(anchors, presented, options)
	if verdict.Trusted || !strings.Contains(codesOf(verdict), string(trust.Revoked)) {
		t.Error(drawing.Summary(verdict))
	}
}

package trust_test

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
	"github.com/trustplane/terraform-provider-mtls/internal/trust/drawing"
)

// A question is a random input of Evaluate.
type question struct {
	anchors, presented []*x509.Certificate
	options            trust.Options
	story              string // how it came about, for a failing test
}

// questions draws trust graphs of a few CAs that share subjects and keys, each
// certificate with few deviations or none, and uploads and presents some of
// them, in any order, leaf first.
func questions(t *testing.T) *rapid.Generator[question] {
	t.Helper()
	return rapid.Custom(func(r *rapid.T) question {
		drawing, list, story := sketch(r)
		graph := pkitest.Build(t, drawing, list...)
		names := graph.Names()
		presented := append([]string{names[0]}, rapid.SliceOfNDistinct(rapid.SampledFrom(names[1:]), 0, len(names)-1, rapid.ID).Draw(r, "presented")...)
		uploaded := rapid.SliceOfNDistinct(rapid.SampledFrom(names), 0, len(names), rapid.ID).Draw(r, "uploaded")
		q := question{
			anchors: graph.Certificates(uploaded...), presented: graph.Certificates(presented...),
			story: fmt.Sprintf("%s%s\nuploaded %v\npresented %v", drawing, strings.Join(story, "\n"), uploaded, presented),
		}
		q.options = trust.Options{
			Verifier: rapid.SampledFrom(trust.Verifiers()).Draw(r, "control plane"), At: pkitest.Now(),
			RequireValidFor: rapid.SampledFrom([]time.Duration{0, 0, 0, 24 * time.Hour}).Draw(r, "required"),
		}
		withSettings(r, &q.options)
		if rapid.IntRange(0, 3).Draw(r, "lists") == 0 {
			issuer := rapid.SampledFrom(names[1:]).Draw(r, "list's issuer")
			revoked := rapid.SampledFrom(names).Draw(r, "revoked")
			q.options.RevocationLists = []*x509.RevocationList{graph.RevocationList(pkitest.Revocation{Issuer: issuer, Revoked: []string{revoked}})}
			q.story += fmt.Sprintf("\n%s revokes %s", issuer, revoked)
		}
		return q
	})
}

// withSettings draws the settings that the verifier has.
func withSettings(r *rapid.T, options *trust.Options) {
	switch options.Verifier {
	case trust.KongDataPlanePKI:
		options.ServerName = new(rapid.SampledFrom([]string{"leaf", "leaf", "x.a.example", "192.0.2.1"}).Draw(r, "server name"))
		options.VerifyDepth = new(rapid.IntRange(0, 3).Draw(r, "depth"))
	case trust.KongDataPlaneShared, trust.Nginx, trust.Apache:
		options.VerifyDepth = new(rapid.IntRange(0, 4).Draw(r, "depth"))
	case trust.KongHybridPKI:
		options.OCSP = new(rapid.SampledFrom([]trust.OCSP{trust.OCSPOff, trust.OCSPOptional, trust.OCSPOn}).Draw(r, "OCSP"))
	case trust.Konnect, trust.KongHybridShared, trust.HAProxy, trust.Go: // none
	}
}

// sketch draws a graph whose first node is the leaf.
func sketch(r *rapid.T) (drawing string, list []pkitest.Setting, story []string) {
	size := rapid.IntRange(2, 6).Draw(r, "certificates")
	names := []string{"leaf"}
	first := map[string]string{}
	for i := 1; i < size; i++ {
		subject := fmt.Sprintf("ca%d", rapid.IntRange(1, 3).Draw(r, "subject"))
		names = append(names, fmt.Sprintf("%s~%d", subject, i))
	}
	for i, name := range names {
		// The leaf has an issuer, so that the others are CAs; they may end themselves.
		issuer := rapid.IntRange(i+1, size).Draw(r, "issuer")
		if i == 0 || issuer < size {
			drawing += fmt.Sprintf("%s <- %s\n", name, names[min(issuer, size-1)])
		} else {
			drawing += name + "\n"
		}
		subject, _, _ := strings.Cut(name, "~")
		if twin, ok := first[subject]; ok && rapid.Bool().Draw(r, "same key") {
			list = append(list, with(name, pkitest.SameKeyAs(twin)))
			story = append(story, name+" has the key of "+twin)
		} else if !ok {
			first[subject] = name
		}
		deviations := deviations()
		for _, which := range rapid.SliceOfNDistinct(rapid.SampledFrom(ordered(deviations)), 0, 2, rapid.ID).Draw(r, "deviations") {
			if rapid.Bool().Draw(r, "deviates") {
				list = append(list, with(name, deviations[which]))
				story = append(story, name+": "+which)
			}
		}
	}
	return drawing, list, story
}

func deviations() map[string]pkitest.Deviation {
	return map[string]pkitest.Deviation{
		"expired":         pkitest.ExpiredFor(time.Hour),
		"future":          pkitest.StartsIn(time.Hour),
		"ends soon":       pkitest.EndsIn(time.Hour),
		"CA":              pkitest.CA(true),
		"no CA":           pkitest.CA(false),
		"no constraints":  pkitest.NoBasicConstraints(),
		"version 1":       pkitest.Version1(),
		"no key usage":    pkitest.KeyUsage(0),
		"CRLs only":       pkitest.KeyUsage(x509.KeyUsageCRLSign),
		"servers only":    pkitest.Purposes(x509.ExtKeyUsageServerAuth),
		"any purpose":     pkitest.Purposes(x509.ExtKeyUsageAny),
		"broken":          pkitest.BrokenSignature(),
		"critical":        pkitest.UnknownCriticalExtension(),
		"no key id":       pkitest.NoKeyID(),
		"other authority": pkitest.AuthorityKeyID([]byte("elsewhere")),
		"name a":          pkitest.DNS("x.a.example"),
		"clustering":      pkitest.DNS("kong_clustering"),
		"responder":       pkitest.OCSP("http://ocsp.acme.example"),
		"only b":          pkitest.Permitted(dns("b.example")),
		"not a":           pkitest.Excluded(dns("a.example")),
		"short path":      pkitest.Template(shortPath),
		"weak curve":      pkitest.Algorithm(pkitest.ECDSAP224),
	}
}

// shortPath asks for a path length of 0 of whatever is a CA.
func shortPath(template *x509.Certificate) {
	if template.IsCA && template.BasicConstraintsValid {
		template.MaxPathLen, template.MaxPathLenZero = 0, true
	}
}

func ordered(list map[string]pkitest.Deviation) []string {
	names := make([]string, 0, len(list))
	for name := range list {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// law checks a law on many random questions.
func law(t *testing.T, holds func(r *rapid.T, q question)) {
	t.Helper()
	t.Parallel()
	generator := questions(t)
	rapid.Check(t, func(r *rapid.T) {
		q := generator.Draw(r, "question")
		holds(r, q)
	})
}

func (q question) judge() trust.Verdict { return trust.Evaluate(q.anchors, q.presented, q.options) }

func TestLawVerdictIsWhole(t *testing.T) {
	law(t, func(r *rapid.T, q question) {
		if fault := malformed(q.judge(), q.anchors, q.presented); fault != "" {
			r.Fatalf("%s\n%s", fault, q.story)
		}
	})
}

// malformed says what is wrong with a verdict whatever the question was; the
// empty string for nothing.
func malformed(verdict trust.Verdict, anchors, presented []*x509.Certificate) string {
	refuses := slices.ContainsFunc(verdict.Findings, func(f trust.Finding) bool { return f.Severity == trust.Error })
	switch {
	case verdict.Trusted == refuses:
		return "trusted and error findings do not exclude each other"
	case !verdict.Trusted && (verdict.Mode != "" || verdict.Anchor != nil || verdict.Path != nil || !verdict.ValidUntil.IsZero()):
		return "a refusal has a mode, an anchor, a path or an end"
	}
	for _, finding := range verdict.Findings {
		if fault := malformedFinding(finding); fault != "" {
			return fault
		}
		if !strings.Contains(drawing.Summary(verdict), string(finding.Code)) {
			return "the summary lacks " + string(finding.Code)
		}
	}
	if !verdict.Trusted {
		return ""
	}
	return malformedPath(verdict, anchors, presented)
}

func malformedPath(verdict trust.Verdict, anchors, presented []*x509.Certificate) string {
	path := verdict.Path
	last := path[len(path)-1]
	end := slices.MinFunc(path, func(a, b *x509.Certificate) int { return a.NotAfter.Compare(b.NotAfter) }).NotAfter
	switch {
	case !path[0].Equal(presented[0]):
		return "the path does not begin at the leaf"
	case verdict.Anchor != last || !slices.ContainsFunc(anchors, last.Equal):
		return "the path does not end at an uploaded anchor"
	case verdict.Mode == trust.Pinned && len(path) != 1:
		return "a pin with a path of more than one"
	case !verdict.ValidUntil.Equal(end):
		return "the end is not the earliest of the path"
	default:
		return ""
	}
}

func malformedFinding(finding trust.Finding) string {
	for _, info := range trust.Catalogue() {
		if info.Code == finding.Code {
			if !slices.Contains(info.Severities, finding.Severity) {
				return fmt.Sprintf("%s is a %s, which the catalogue does not say", finding.Code, finding.Severity)
			}
			if finding.Detail == "" || finding.Hint == "" {
				return fmt.Sprintf("%s has no detail or no hint", finding.Code)
			}
			return ""
		}
	}
	return fmt.Sprintf("%s is not in the catalogue", finding.Code)
}

// TestLawKonnectIsVerify holds Konnect's verdict against a plain reading of it:
// a pin in date, or a path that crypto/x509 finds to an uploaded CA.
func TestLawKonnectIsVerify(t *testing.T) {
	law(t, func(r *rapid.T, q question) {
		q.options = trust.Options{At: pkitest.Now()}
		leaf := q.presented[0]
		want := slices.ContainsFunc(q.anchors, leaf.Equal) && !leaf.NotBefore.After(pkitest.Now()) && !leaf.NotAfter.Before(pkitest.Now())
		roots, intermediates := x509.NewCertPool(), x509.NewCertPool()
		for _, anchor := range q.anchors {
			if anchor.IsCA && anchor.BasicConstraintsValid {
				roots.AddCert(anchor)
			}
		}
		for _, certificate := range q.presented[1:] {
			intermediates.AddCert(certificate)
		}
		_, err := leaf.Verify(x509.VerifyOptions{
			Roots: roots, Intermediates: intermediates, CurrentTime: pkitest.Now(),
			KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		})
		if verdict := q.judge(); verdict.Trusted != (want || err == nil) {
			r.Fatalf("pinned %t, crypto/x509 says %v, and the verdict is\n%s\n%s", want, err, drawing.Summary(verdict), q.story)
		}
	})
}

// TestLawExplained shows that the explanation of a refusal never falls back on
// quoting crypto/x509 where only the rules above are broken.
func TestLawExplained(t *testing.T) {
	law(t, func(r *rapid.T, q question) {
		for _, finding := range q.judge().Findings {
			if finding.Code == trust.RefusedByVerifier || finding.Code == trust.LimitReached {
				r.Fatalf("%s: %s\n%s", finding.Code, finding.Detail, q.story)
			}
		}
	})
}

func TestLawAnchorsOnlyAdd(t *testing.T) {
	law(t, func(r *rapid.T, q question) {
		all := append(slices.Clone(q.presented), q.anchors...)
		before := q.judge()
		q.anchors = append(q.anchors, rapid.SampledFrom(all).Draw(r, "another upload"))
		if after := q.judge(); before.Trusted && !after.Trusted {
			r.Fatalf("one more upload turns\n%s\ninto\n%s\n%s", drawing.Summary(before), drawing.Summary(after), q.story)
		}
	})
}

func TestLawOrderDecidesNothing(t *testing.T) {
	law(t, func(r *rapid.T, q question) {
		before := q.judge()
		slices.Reverse(q.presented[1:])
		if q.options.Verifier != trust.KongHybridShared {
			slices.Reverse(q.anchors)
		}
		if after := q.judge(); before.Trusted != after.Trusted {
			r.Fatalf("another order turns\n%s\ninto\n%s\n%s", drawing.Summary(before), drawing.Summary(after), q.story)
		}
	})
}

func TestLawSameQuestionSameAnswer(t *testing.T) {
	law(t, func(r *rapid.T, q question) {
		first, second := q.judge(), q.judge()
		if diff := cmp.Diff(first.Findings, second.Findings); diff != "" || drawing.Summary(first) != drawing.Summary(second) || drawing.Diagram(first) != drawing.Diagram(second) {
			r.Fatalf("two answers to one question: %s\n%s", diff, q.story)
		}
	})
}

// TestLawRequirementsOnlyRefuse shows that asking for more never makes a chain
// trusted that was not.
func TestLawRequirementsOnlyRefuse(t *testing.T) {
	law(t, func(r *rapid.T, q question) {
		asking := q.judge()
		q.options.RequireValidFor, q.options.RevocationLists = 0, nil
		if plain := q.judge(); asking.Trusted && !plain.Trusted {
			r.Fatalf("requirements turn\n%s\ninto\n%s\n%s", drawing.Summary(plain), drawing.Summary(asking), q.story)
		}
	})
}

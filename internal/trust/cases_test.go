package trust_test

import (
	"crypto/x509"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
	"github.com/trustplane/terraform-provider-mtls/internal/trust/drawing"
)

// A scenario is a question to Evaluate and the answer it has to give. Uploads
// and the presented chain are names of the drawing, separated by spaces.
type scenario struct {
	name      string
	drawing   string
	settings  []pkitest.Setting
	uploaded  string
	presented string
	options   trust.Options // At is pkitest.Now when zero
	lists     []pkitest.Revocation

	// want is the verdict: "pinned: edge", "pki: edge <- root", or "refused".
	want string
	// codes are all findings in their order, warnings with a question mark:
	// "expired wrong_key_usage?".
	codes string
}

// chain is the drawing that most scenarios need no more than.
const chain = "edge <- issuing <- root"

// with keeps tables short.
func with(name string, deviations ...pkitest.Deviation) pkitest.Setting {
	return pkitest.With(name, deviations...)
}

func settings(list ...pkitest.Setting) []pkitest.Setting { return list }

// judge builds the scenario and evaluates it.
func (s scenario) judge(t testing.TB) (trust.Verdict, *pkitest.Graph) {
	t.Helper()
	graph := pkitest.Build(t, s.drawing, s.settings...)
	options := s.options
	if options.At.IsZero() {
		options.At = pkitest.Now()
	}
	for _, list := range s.lists {
		options.RevocationLists = append(options.RevocationLists, graph.RevocationList(list))
	}
	return trust.Evaluate(graph.Certificates(s.uploaded), graph.Certificates(s.presented), options), graph
}

// answer writes a verdict as scenarios expect it.
func answer(verdict trust.Verdict, graph *pkitest.Graph) string {
	if !verdict.Trusted {
		return "refused"
	}
	return string(verdict.Mode) + ": " + graph.Path(verdict.Path)
}

// codesOf writes findings as scenarios expect them.
func codesOf(verdict trust.Verdict) string {
	codes := make([]string, len(verdict.Findings))
	for i, finding := range verdict.Findings {
		codes[i] = string(finding.Code)
		if finding.Severity == trust.Warning {
			codes[i] += "?"
		}
	}
	return strings.Join(codes, " ")
}

// scenarios is every table, for tests that hold for all of them.
func scenarios() []scenario {
	return slices.Concat(uploadScenarios(), faultScenarios(), rightScenarios(), pinScenarios(), tidinessScenarios(),
		hybridSharedScenarios(), hybridPKIScenarios(), openSSLScenarios(), revocationScenarios(), gapScenarios(), candidateScenarios(),
		dataPlaneScenarios(), serverScenarios(), optionScenarios())
}

func TestEvaluate(t *testing.T) {
	for _, s := range scenarios() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			verdict, graph := s.judge(t)
			if got := answer(verdict, graph); got != s.want {
				t.Errorf("verdict %q, want %q\n%s", got, s.want, drawing.Summary(verdict))
			}
			if got := codesOf(verdict); got != s.codes {
				t.Errorf("findings %q, want %q\n%s", got, s.codes, drawing.Summary(verdict))
			}
		})
	}
}

func shared() trust.Options { return trust.Options{Verifier: trust.KongHybridShared} }
func hybrid() trust.Options { return trust.Options{Verifier: trust.KongHybridPKI} }

// uploadScenarios are what the three uploads decide, the reason for it all.
func uploadScenarios() []scenario {
	return []scenario{
		{
			name: "the leaf is uploaded", drawing: chain, uploaded: "edge", presented: "edge",
			want: "pinned: edge",
		},
		{
			name: "the leaf is uploaded and comes with its issuer", drawing: chain, uploaded: "edge", presented: "edge issuing",
			want: "pinned: edge",
		},
		{
			name: "the intermediate is uploaded", drawing: chain, uploaded: "issuing", presented: "edge",
			want: "pki: edge <- issuing",
		},
		{
			name: "the intermediate is uploaded and presented too", drawing: chain, uploaded: "issuing", presented: "edge issuing",
			want: "pki: edge <- issuing",
		},
		{
			name: "the root is uploaded", drawing: chain, uploaded: "root", presented: "edge issuing",
			want: "pki: edge <- issuing <- root",
		},
		{
			name: "the root is uploaded and the intermediate missing", drawing: chain, uploaded: "root", presented: "edge",
			want: "refused", codes: "issuer_missing",
		},
		{
			name: "root and intermediate are uploaded", drawing: chain, uploaded: "issuing root", presented: "edge",
			want: "pki: edge <- issuing",
		},
		{
			name: "a sibling is uploaded", drawing: chain + "\nother <- issuing", uploaded: "edge", presented: "other",
			want: "refused", codes: "issuer_missing",
		},
		{
			name: "a sibling with its issuer, and a leaf is uploaded", drawing: chain + "\nother <- issuing", uploaded: "edge", presented: "other issuing",
			want: "refused", codes: "issuer_missing",
		},
		{
			name: "a stranger of the same names", drawing: chain + "\nedge~2 <- issuing~2 <- root~2", uploaded: "root", presented: "edge~2 issuing~2",
			want: "refused", codes: "same_name_other_key",
		},
		{
			name: "nothing is presented", drawing: chain, uploaded: "root",
			want: "refused", codes: "nothing_presented",
		},
		{
			name: "nothing is uploaded", drawing: chain, presented: "edge issuing",
			want: "refused", codes: "nothing_uploaded",
		},
		{
			name: "no such control plane", drawing: chain, uploaded: "root", presented: "edge issuing",
			options: trust.Options{Verifier: "apisix"},
			want:    "refused", codes: "unknown_verifier",
		},
		{
			name: "the presented root is not uploaded", drawing: chain + "\nother", uploaded: "other", presented: "edge issuing root",
			want: "refused", codes: "self_signed_not_uploaded",
		},
		{
			name: "self-signed and not uploaded", drawing: "edge\nother", uploaded: "other", presented: "edge",
			want: "refused", codes: "self_signed_not_uploaded",
		},
	}
}

// faultScenarios are faults of single certificates and of signatures.
func faultScenarios() []scenario {
	return []scenario{
		{
			name: "expired leaf", drawing: chain, settings: settings(with("edge", pkitest.ExpiredFor(72*time.Hour))),
			uploaded: "root", presented: "edge issuing", want: "refused", codes: "expired",
		},
		{
			name: "the last second is valid", drawing: chain, settings: settings(with("edge", pkitest.ExpiredFor(0))),
			uploaded: "root", presented: "edge issuing", want: "pki: edge <- issuing <- root",
		},
		{
			name: "the last second is valid to its end", drawing: chain, settings: settings(with("edge", pkitest.ExpiredFor(0))),
			uploaded: "root", presented: "edge issuing", options: trust.Options{At: pkitest.Now().Add(time.Second - 1)},
			want: "pki: edge <- issuing <- root",
		},
		{
			name: "the first second is valid", drawing: chain, settings: settings(with("edge", pkitest.StartsIn(0))),
			uploaded: "root", presented: "edge issuing", want: "pki: edge <- issuing <- root",
		},
		{
			name: "leaf of tomorrow", drawing: chain, settings: settings(with("edge", pkitest.StartsIn(24*time.Hour))),
			uploaded: "root", presented: "edge issuing", want: "refused", codes: "not_yet_valid",
		},
		{
			name: "expired anchor", drawing: chain, settings: settings(with("root", pkitest.ExpiredFor(time.Hour))),
			uploaded: "root", presented: "edge issuing", want: "refused", codes: "expired",
		},
		{
			name: "everything is wrong at once", drawing: chain,
			settings: settings(
				with("edge", pkitest.ExpiredFor(time.Hour), pkitest.Purposes(x509.ExtKeyUsageServerAuth), pkitest.DNS("edge.other.example")),
				with("issuing", pkitest.ExpiredFor(time.Minute), pkitest.CA(false), pkitest.KeyUsage(x509.KeyUsageDigitalSignature)),
				with("root", pkitest.PathLength(0), pkitest.Permitted(pkitest.Subtree{Kind: "dns", Base: "acme.example"})),
			),
			uploaded: "root", presented: "edge issuing", want: "refused",
			codes: "expired wrong_purpose expired not_a_ca may_not_sign path_length_exceeded name_not_permitted",
		},
		{
			name: "the path ends too soon", drawing: chain, settings: settings(with("issuing", pkitest.EndsIn(48*time.Hour))),
			uploaded: "root", presented: "edge issuing", options: trust.Options{RequireValidFor: 72 * time.Hour},
			want: "refused", codes: "ends_too_soon",
		},
		{
			name: "the path lasts exactly as long as required", drawing: chain, settings: settings(with("issuing", pkitest.EndsIn(72*time.Hour))),
			uploaded: "root", presented: "edge issuing", options: trust.Options{RequireValidFor: 72 * time.Hour},
			want: "pki: edge <- issuing <- root",
		},
		{
			name: "broken signature", drawing: chain, settings: settings(with("edge", pkitest.BrokenSignature())),
			uploaded: "root", presented: "edge issuing", want: "refused", codes: "signature_broken",
		},
		{
			name: "signed by a stranger in the issuer's name", drawing: chain + "\nother", settings: settings(with("edge", pkitest.SignedWith("other"))),
			uploaded: "root", presented: "edge issuing", want: "refused", codes: "signature_broken",
		},
		{
			name: "the CA was renewed with another key", drawing: chain + "\nissuing~2 <- root",
			uploaded: "issuing~2", presented: "edge", want: "refused", codes: "same_name_other_key",
		},
		{
			name: "the CA was renewed with another key, without key ids", drawing: chain + "\nissuing~2 <- root",
			settings: settings(with("issuing", pkitest.NoKeyID()), with("issuing~2", pkitest.NoKeyID())),
			uploaded: "issuing~2", presented: "edge", want: "refused", codes: "same_name_other_key",
		},
		{
			name: "the CA was renewed with the same key", drawing: chain + "\nissuing~2 <- root", settings: settings(with("issuing~2", pkitest.SameKeyAs("issuing"))),
			uploaded: "issuing~2", presented: "edge", want: "pki: edge <- issuing~2",
		},
		{
			name: "the CA was renamed", drawing: chain + "\nrenamed <- root", settings: settings(with("renamed", pkitest.SameKeyAs("issuing"), pkitest.CA(true))),
			uploaded: "renamed", presented: "edge", want: "refused", codes: "issuer_name_differs",
		},
		{
			name: "the CA is written in other letters", drawing: chain + "\nIssuing <- root", settings: settings(with("Issuing", pkitest.CA(true))),
			uploaded: "Issuing", presented: "edge", want: "refused", codes: "issuer_name_differs",
		},
		{
			name: "signed with SHA-1", drawing: chain, settings: settings(with("edge", pkitest.SHA1())),
			uploaded: "root", presented: "edge issuing", want: "refused", codes: "weak_signature",
		},
		{
			name: "a root signed with SHA-1 is trusted all the same", drawing: chain, settings: settings(with("root", pkitest.SHA1())),
			uploaded: "root", presented: "edge issuing", want: "pki: edge <- issuing <- root",
		},
		{
			name: "Konnect publishes no limit on keys", drawing: chain, settings: settings(with("edge", pkitest.Algorithm(pkitest.RSA1024)), with("issuing", pkitest.Algorithm(pkitest.ECDSAP224))),
			uploaded: "root", presented: "edge issuing", want: "pki: edge <- issuing <- root", codes: "weak_key? weak_key?",
		},
		{
			name: "unknown critical extension", drawing: chain, settings: settings(with("issuing", pkitest.UnknownCriticalExtension())),
			uploaded: "root", presented: "edge issuing", want: "refused", codes: "unknown_critical_extension",
		},
		{
			name: "unknown extension that is not critical", drawing: chain, settings: settings(with("issuing", pkitest.UnknownExtension())),
			uploaded: "root", presented: "edge issuing", want: "pki: edge <- issuing <- root",
		},
		{
			name: "key ids disagree and the signature is good", drawing: chain, settings: settings(with("edge", pkitest.AuthorityKeyID([]byte("another key")))),
			uploaded: "root", presented: "edge issuing", want: "pki: edge <- issuing <- root", codes: "key_id_mismatch?",
		},
	}
}

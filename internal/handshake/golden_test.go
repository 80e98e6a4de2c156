package handshake_test

import (
	"crypto/x509"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trustplane/terraform-provider-mtls/internal/handshake"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestSummaryGolden keeps what a reader sees of handshakes: the guides show it.
// Where -update changes a file, read it as somebody would whose plan has failed.
func TestSummaryGolden(t *testing.T) {
	t.Parallel()
	graph := pkitest.Build(t, "edge <- issuing <- root\ncontrol <- root", pkitest.With("control", pkitest.DNS("kong_clustering"), pkitest.Purposes(x509.ExtKeyUsageServerAuth)))
	answered := handshake.Result{
		Resolved: []netip.Addr{netip.MustParseAddr("10.0.0.5"), netip.MustParseAddr("10.0.0.6")}, Remote: netip.MustParseAddrPort("10.0.0.5:8005"),
		Asked: true, Authorities: [][]byte{graph.Certificate("root").RawSubject}, TLSVersion: "TLS 1.3", CipherSuite: "TLS_AES_256_GCM_SHA384",
		ServerChain: graph.Certificates("control"),
	}
	for file, row := range map[string]struct {
		presented, uploaded string
		change              func(*handshake.Result)
	}{
		"accepted": {"edge issuing", "root", func(r *handshake.Result) { r.Outcome, r.HTTPStatus = handshake.Accepted, 404 }},
		"refused": {"edge", "root", func(r *handshake.Result) {
			r.Outcome, r.Said, r.HTTPStatus = handshake.Refused, "HTTP 400: The SSL certificate error", 400
		}},
		"disagreed": {"edge issuing", "root", func(r *handshake.Result) {
			r.Outcome, r.Said = handshake.Refused, "closed without an answer"
		}},
		"not_reached": {"edge issuing", "root", func(r *handshake.Result) {
			*r = handshake.Result{Outcome: handshake.Undecided, Said: "not reached: 10.0.0.5:8005: no answer", Resolved: r.Resolved[:1]}
		}},
	} {
		asked := presenting(t, graph, "cp.acme.internal:8005", row.presented)
		asked.Path = "/"
		result := answered
		row.change(&result)
		by := handshake.Judgement{At: pkitest.Now(), Anchors: graph.Certificates("root"), Uploads: graph.Certificates(row.uploaded), Verifier: trust.KongHybridPKI}
		got := handshake.Judge(asked, result, by).Summary()
		for i, name := range graph.Names() {
			certificate := graph.Certificate(name)
			steady := strings.Repeat(string("abcd"[i]), 40)
			got = strings.NewReplacer(pki.FingerprintSHA256(certificate)[:12], steady[:12], pki.KeyID(certificate.SubjectKeyId), steady).Replace(got)
		}
		golden := filepath.Join("testdata", file+".summary.golden")
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", golden, diff)
		}
	}
}

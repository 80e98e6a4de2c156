package provider

import (
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"math/big"
	"runtime"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// BenchmarkLargeRevocationLists reads a data source that holds three lists, none
// of which revokes anything here. Time and bytes grow with the entries; live-B is
// what the verdict leaves behind.
//
//	go test ./internal/provider -run '^$' -bench LargeRevocationLists -benchmem
func BenchmarkLargeRevocationLists(b *testing.B) {
	for _, entries := range []int{2_000, 20_000, 200_000} {
		b.Run(fmt.Sprintf("entries=3x%d", entries), func(b *testing.B) {
			unlistened(b)
			p := newProtocol(b, pkitest.Now)
			kind := p.kinds[kindChain]
			graph := pkitest.Build(b, "edge <- issuing <- root")
			var lists []string
			for _, issuer := range []string{"issuing", "root", "issuing"} {
				lists = append(lists, largeList(b, graph, issuer, entries))
			}
			request := &tfprotov6.ReadDataSourceRequest{
				TypeName: "mtls_chain_validation",
				Config: dynamic(b, kind, valueOf(kind, written{
					"trust_anchors_pem": []string{graph.PEM("root")}, "presented_chain_pem": graph.PEM("edge") + graph.PEM("issuing"), "revocation_lists_pem": lists,
				})),
			}
			b.ReportAllocs()
			for b.Loop() {
				answer, err := p.server.ReadDataSource(b.Context(), request)
				if err != nil || len(answer.Diagnostics) > 0 {
					b.Fatal(err, answer)
				}
				if summary := text(b, p.decode(b, kindChain, answer.State), "summary"); !strings.HasPrefix(summary, "TRUSTED") {
					b.Fatal(summary)
				}
			}
			runtime.KeepAlive(request)
		})
	}
}

// largeList is a list of so many serial numbers of 16 bytes, as CAs have them.
func largeList(tb testing.TB, graph *pkitest.Graph, issuer string, entries int) string {
	tb.Helper()
	template := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: pkitest.Now().AddDate(0, 0, -1), NextUpdate: pkitest.Now().AddDate(0, 0, 7)}
	base := new(big.Int).Lsh(big.NewInt(1), 120)
	for i := range entries {
		template.RevokedCertificateEntries = append(template.RevokedCertificateEntries, x509.RevocationListEntry{
			SerialNumber: new(big.Int).Add(base, big.NewInt(int64(i))), RevocationTime: template.ThisUpdate,
		})
	}
	der, err := x509.CreateRevocationList(rand.Reader, template, graph.Certificate(issuer), graph.Key(issuer))
	if err != nil {
		tb.Fatal(err)
	}
	return pki.EncodeRevocationLists(&x509.RevocationList{Raw: der})
}

package handshake_test

import (
	"crypto/tls"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/handshake"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

func programs() []program {
	const badCertificate, unknownCA, expired = "alert 42 (bad_certificate)", "alert 48 (unknown_ca)", "alert 45 (certificate_expired)"
	const nginx, closed = "HTTP 400: The SSL certificate error", "closed without an answer"
	openssl := map[string]string{"edge issuing": "", "edge": unknownCA, "edge~expired issuing": expired, "server-only issuing": "alert 43 (unsupported_certificate)", "stranger": unknownCA}
	byGo := map[string]string{"edge issuing": "", "edge": unknownCA, "edge~expired issuing": expired, "server-only issuing": badCertificate, "stranger": unknownCA}
	// Caddy verifies by itself, and sends one alert for every reason.
	byCaddy := map[string]string{"edge issuing": "", "edge": badCertificate, "edge~expired issuing": badCertificate, "server-only issuing": badCertificate, "stranger": badCertificate}
	return []program{
		{"nginx, verify on: Kong's pki", "nginx", trust.KongHybridPKI, "root", startNginx(kongPKI), map[string]string{"edge issuing": "", "edge": nginx, "edge~expired issuing": nginx, "server-only issuing": nginx, "stranger": nginx}},
		{"nginx, optional_no_ca and the digest: Kong's shared", "nginx", trust.KongHybridShared, "edge", startNginx(kongShared), map[string]string{"edge issuing": "", "edge": "", "edge~expired issuing": nginx, "server-only issuing": nginx, "stranger": closed}},
		{"haproxy", "haproxy", trust.HAProxy, "root", startHAProxy, openssl},
		{"apache", "apache2", trust.Apache, "root", startApache, openssl},
		{"caddy", "caddy", trust.Go, "root", startCaddy, byCaddy},
		{"openssl s_server", "openssl", trust.KongHybridPKI, "root", startOpenSSL, openssl},
		{"Go", "", trust.Go, "root", startGo, byGo},
	}
}

// TestRealServers asks real servers over TLS 1.2 and 1.3, and IPv6, and holds
// what is reported against what each is known to say.
func TestRealServers(t *testing.T) {
	graph := newGraph(t)
	for _, p := range programs() {
		t.Run(p.name, func(t *testing.T) {
			if p.needs != "" {
				needProgram(t, p.needs)
			}
			doors := []door{{"127.0.0.1", tls.VersionTLS12, p.uploaded}, {"127.0.0.1", tls.VersionTLS13, p.uploaded}}
			if hasIPv6(t) {
				doors = append(doors, door{"::1", tls.VersionTLS13, p.uploaded})
			}
			counts := map[handshake.Outcome]int{}
			for i, address := range p.start(t, graph, doors) {
				for presented, says := range p.says {
					asked := presenting(t, graph, address, presented)
					asked.Path = "/"
					result := handshake.Connect(t.Context(), asked)
					report := handshake.Judge(asked, result, handshake.Judgement{
						At: time.Now(), Anchors: graph.Certificates("serving"), Uploads: graph.Certificates(p.uploaded), Verifier: p.verifier, VerifyDepth: p.depth(),
					})
					want := handshake.Accepted
					if says != "" {
						want = handshake.Refused
					}
					if result.Outcome != want || result.Said != says || report.Server == nil || !report.Server.Trusted {
						t.Errorf("%s over %s, presented %s: %s, said %q, want %s, %q\n%s", address, tls.VersionName(doors[i].version), presented, result.Outcome, result.Said, want, says, report.Summary())
					}
					if report.Disagrees() {
						t.Errorf("%s, presented %s: what is predicted is not what it says:\n%s", address, presented, report.Summary())
					}
					if result.TLSVersion != tls.VersionName(doors[i].version) {
						t.Errorf("%s over %s, want %s", address, result.TLSVersion, tls.VersionName(doors[i].version))
					}
					counts[result.Outcome]++
				}
			}
			fmt.Fprintf(os.Stdout, "handshakes with %s: %d accepted, %d refused\n", p.name, counts[handshake.Accepted], counts[handshake.Refused])
		})
	}
}

// depth is what the servers of this test set where it is not the default.
func (p program) depth() *int {
	if p.verifier != trust.Apache {
		return nil
	}
	depth := 5
	return &depth
}

// hasIPv6 reports whether the loopback interface has IPv6, and says if not.
func hasIPv6(t *testing.T) bool {
	t.Helper()
	listener, err := listenOn(t, "[::1]:0")
	if err != nil {
		t.Logf("without IPv6: %v", err)
		return false
	}
	_ = listener.Close()
	return true
}

package trust_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// ocspModule is lua-resty-core's, of which Kong makes and reads what it asks.
const ocspModule = "/usr/share/lua/5.1/ngx/ocsp.lua"

// An ocspCase is what a data plane presents to a control plane that asks for its
// status, and what becomes of it with cluster_ocsp = on and with optional.
type ocspCase struct {
	name         string
	presented    string
	on, optional bool   // accepted
	wrote        string // in the log, behind what Kong writes of every refusal
	asks         bool   // the outcome is the responder's
}

// ocspDrawing has a leaf for each of the responder's answers, by its path.
const ocspDrawing = `
	good <- issuing <- root
	revoked <- issuing
	unknown <- issuing
	unreachable <- issuing
	busy <- issuing
	broken <- issuing
	empty <- issuing
	later <- issuing
	stranger <- issuing
	second <- issuing
	silent <- issuing
	direct <- root
	other <- root
	self
	ofOld <- ca~old
	ca~new
	somebody
	control`

func ocspCases() []ocspCase {
	const (
		noURL     = "revocation check failed: OCSP responder endpoint can not be determined, maybe the client certificate is missing the required extensions"
		alone     = "revocation check failed: no issuer certificate in chain"
		elsewhere = "revocation check failed: issuer certificate not next to leaf"
		invalid   = "was revoked: failed to validate OCSP response: "
	)
	return []ocspCase{
		{"no responder named", "silent issuing", false, true, noURL, false},
		{"no responder named, alone", "silent", false, true, noURL, false},
		{"the issuer uploaded and not presented", "good", false, true, alone, false},
		{"the issuer presented third", "good other issuing", false, true, elsewhere, false},
		{"the leaf presented twice", "good good issuing", false, true, elsewhere, false},
		{"a root uploaded and not presented", "direct", false, true, alone, false},
		{"a self-signed leaf", "self", false, true, alone, false},
		{"another generation of the issuer presented", "ofOld ca~new", false, true, elsewhere, false},
		{"good", "good issuing", true, true, "", true},
		{"good, with the root behind", "good issuing root", true, true, "", true},
		{"good, below the root", "direct root", true, true, "", true},
		{"revoked", "revoked issuing", false, false, invalid + `certificate status "revoked" in the OCSP response`, true},
		{"not known to the responder", "unknown issuing", false, false, invalid + `certificate status "unknown" in the OCSP response`, true},
		{"a responder that cannot be reached", "unreachable issuing", false, true, "revocation check failed: failed to send request to OCSP responder: connection refused", true},
		{"a responder that answers 500", "busy issuing", false, true, "revocation check failed: OCSP responder returns bad HTTP status code: 500", true},
		{"an empty answer", "empty issuing", false, true, "revocation check failed: unexpected response from OCSP responder: empty body", true},
		{"an answer that is none", "broken issuing", false, false, invalid + "d2i_OCSP_RESPONSE() failed", true},
		{"try later", "later issuing", false, false, invalid + "OCSP response not successful (3: trylater)", true},
		// Nobody asks whether the CA has let the signer answer for it.
		{"signed by a stranger", "stranger issuing", true, true, "", true},
		{"the second responder would say good", "second issuing", false, true, "revocation check failed: failed to send request to OCSP responder: connection refused", true},
	}
}

// ocspGraph is the graph of the cases, with the addresses of responders in it.
func ocspGraph(t *testing.T, responder, closed string) *pkitest.Graph {
	t.Helper()
	now := time.Now().Truncate(time.Second)
	var list []pkitest.Setting
	for name := range strings.FieldsSeq(strings.ReplaceAll(ocspDrawing, "<-", " ")) {
		list = append(list, with(name, pkitest.Valid(now.Add(-time.Hour), now.Add(time.Hour))))
		switch name {
		case "silent", "issuing", "root", "other", "ca~old", "ca~new", "somebody", "control":
		case "unreachable":
			list = append(list, with(name, pkitest.OCSP("http://"+closed)))
		case "second":
			list = append(list, with(name, pkitest.OCSP("http://"+closed, responder+"/good")))
		default:
			list = append(list, with(name, pkitest.OCSP(responder+"/"+name)))
		}
	}
	return pkitest.Build(t, ocspDrawing, append(list, with("control", pkitest.DNS("control")))...)
}

// startResponder answers with what openssl ocsp makes of a question, or with what
// no responder should, and returns its URL and where to put the graph.
func startResponder(t *testing.T) (url string, serve func(*pkitest.Graph, site)) {
	t.Helper()
	openssl := needProgram(t, "openssl")
	var graph *pkitest.Graph
	var place site
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch name := strings.TrimPrefix(r.URL.Path, "/"); name {
		case "busy":
			w.WriteHeader(http.StatusInternalServerError)
		case "empty":
		case "broken":
			_, _ = io.WriteString(w, "<html>welcome</html>")
		case "later":
			_, _ = w.Write([]byte{0x30, 3, 0x0a, 1, 3})
		default:
			issuer, signer := "issuing", "issuing"
			if name == "direct" {
				issuer, signer = "root", "root"
			}
			if name == "stranger" {
				signer = "somebody"
			}
			question := place.write(name+".req", string(body))
			answer := place.path(name + ".resp")
			command := exec.CommandContext(r.Context(), openssl, "ocsp", "-index", place.path("index"), "-CA", place.path(issuer+".pem"),
				"-rsigner", place.path(signer+".pem"), "-rkey", place.path(signer+".key"), "-reqin", question, "-respout", answer, "-ndays", "1")
			said, err := command.CombinedOutput()
			text, readErr := os.ReadFile(answer)
			if err != nil || readErr != nil {
				t.Errorf("openssl ocsp: %v, %v\n%s", err, readErr, said)
			}
			_, _ = w.Write(text)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, func(g *pkitest.Graph, s site) {
		graph, place = g, s
		index := strings.Builder{}
		for _, name := range graph.Names() {
			serial := strings.ToUpper(graph.Certificate(name).SerialNumber.Text(16))
			if len(serial)%2 == 1 {
				serial = "0" + serial
			}
			end := graph.Certificate(name).NotAfter.UTC().Format("060102150405Z")
			switch name {
			case "unknown":
			case "revoked":
				fmt.Fprintf(&index, "R\t%s\t%s\t%s\tunknown\t/CN=%s\n", end, time.Now().Add(-time.Minute).UTC().Format("060102150405Z"), serial, name)
			default:
				fmt.Fprintf(&index, "V\t%s\t\t%s\tunknown\t/CN=%s\n", end, serial, name)
			}
		}
		s.write("index", index.String())
		for _, name := range []string{"issuing", "root", "somebody"} {
			key, err := pki.EncodePrivateKey(g.Key(name))
			if err != nil {
				t.Fatal(err)
			}
			s.write(name+".key", key)
			s.write(name+".pem", g.PEM(name))
		}
	}
}

// startControlPlane is nginx as Kong runs it with cluster_mtls = pki, with what
// Kong does for cluster_ocsp: the first address has it on, the second optional.
func startControlPlane(t *testing.T, s site, uploaded []*x509.Certificate) judge {
	t.Helper()
	script, err := filepath.Abs(filepath.Join("testdata", "cluster_ocsp.lua"))
	if err != nil {
		t.Fatal(err)
	}
	anchors := s.write("uploaded.pem", pki.EncodeCertificates(uploaded...))
	var servers strings.Builder
	var addresses []string
	for i, value := range []trust.OCSP{trust.OCSPOn, trust.OCSPOptional} {
		addresses = append(addresses, s.path(fmt.Sprintf("%d.sock", i)))
		fmt.Fprintf(&servers, "server {\nlisten unix:%s ssl;\nssl_verify_client on;\nssl_client_certificate %s;\nssl_verify_depth 4;\nset $cluster_ocsp %s;\nlocation / { content_by_lua_file %s; }\n}\n",
			addresses[i], anchors, value, script)
	}
	modules := "load_module " + filepath.Join(filepath.Dir(luaModule), "ndk_http_module.so") + ";\nload_module " + luaModule + ";\n"
	configuration := fmt.Sprintf(nginxConfiguration, s.folder, `lua_package_path "/usr/share/lua/5.1/?.lua;;";`, servers.String())
	output := run(t, "nginx", "-p", s.folder, "-e", "stderr", "-c", s.write("nginx.conf", modules+configuration))
	for _, address := range addresses {
		await(t, "unix", address, output)
	}
	return func(t *testing.T, number int, presented presentation) (bool, string) {
		t.Helper()
		from := len(output.String())
		accepted := answered(t, "unix", addresses[number], presented.certificate(), tls.VersionTLS13)
		heard(output, from, regexp.MustCompile(`(judged), client: `)) // the last that it writes
		line := regexp.MustCompile(`(\[clustering\] .*), client: `).FindStringSubmatch(output.since(from))
		if line == nil {
			return accepted, ""
		}
		return accepted, line[1]
	}
}

// TestOracleClusterOCSP asks what Kong asks, with its library and its order of
// questions, for each value of cluster_ocsp, and holds the outcome against
// Evaluate's: what does not depend on the responder's answer is foretold, in the
// words of the log, and what does is accepted with a warning.
func TestOracleClusterOCSP(t *testing.T) {
	t.Parallel()
	program{needs: []string{"nginx", "openssl", luaModule, ocspModule}}.skipWithout(t)
	url, serve := startResponder(t)
	graph := ocspGraph(t, url, freePorts(t, 1)[0])
	s := newSite(t, graph)
	serve(graph, s)
	uploaded := graph.Certificates("root issuing self ca~old")
	ask := startControlPlane(t, s, uploaded)
	foretold, asked := 0, 0
	for _, c := range ocspCases() {
		presented := presentation{chain: graph.Certificates(c.presented), key: graph.Key(strings.Fields(c.presented)[0])}
		for number, want := range []bool{c.on, c.optional} {
			value := []trust.OCSP{trust.OCSPOn, trust.OCSPOptional}[number]
			accepted, wrote := ask(t, number, presented)
			line := c.wrote
			if line != "" {
				line = "[clustering] data plane client certificate " + line
			}
			if accepted != want || wrote != line {
				t.Errorf("%s, %s: accepted: %t (it writes %q), want %t and %q", c.name, value, accepted, wrote, want, line)
			}
			verdict := trust.Evaluate(uploaded, presented.chain, trust.Options{Verifier: trust.KongHybridPKI, At: time.Now(), OCSP: &value})
			if c.asks {
				asked++
				warned := slices.ContainsFunc(verdict.Findings, func(f trust.Finding) bool { return f.Code == trust.RevocationUnknown })
				if !verdict.Trusted || !warned {
					t.Errorf("%s, %s: the responder decides, and Evaluate says %s", c.name, value, inWords(verdict))
				}
				continue
			}
			foretold++
			if verdict.Trusted != accepted {
				t.Errorf("%s, %s: accepted: %t (it writes %q), and Evaluate says %s", c.name, value, accepted, wrote, inWords(verdict))
			}
			if !accepted && verdict.Picture.Says != wrote {
				t.Errorf("%s, %s: it writes %q, and Evaluate says %q", c.name, value, wrote, verdict.Picture.Says)
			}
		}
	}
	announce(t, fmt.Sprintf("oracle cluster_ocsp: %d foretold, %d for the responder to decide", foretold, asked))
}

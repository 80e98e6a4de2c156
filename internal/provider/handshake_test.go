package provider

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	tfstate "github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// livingGraph is a site that is valid today: servers know no other time.
func livingGraph(t *testing.T) *pkitest.Graph {
	t.Helper()
	now := time.Now().Truncate(time.Second)
	var settings []pkitest.Setting
	for _, name := range []string{"edge", "issuing", "root", "stranger", "elsewhere", "control", "serving"} {
		settings = append(settings, pkitest.With(name, pkitest.Valid(now.Add(-2*time.Hour), now.Add(2*time.Hour))))
	}
	settings = append(settings,
		pkitest.With("edge~expired", pkitest.Valid(now.Add(-3*time.Hour), now.Add(-time.Hour))),
		pkitest.With("control", pkitest.DNS("kong_clustering"), pkitest.Purposes(x509.ExtKeyUsageServerAuth)))
	return pkitest.Build(t, "edge <- issuing <- root\nedge~expired <- issuing\nstranger <- elsewhere\ncontrol <- serving", settings...)
}

// controlPlane is a Go server that takes certificates below the root, and
// answers requests.
func controlPlane(t *testing.T, graph *pkitest.Graph) string {
	t.Helper()
	pool := x509.NewCertPool()
	pool.AddCert(graph.Certificate("root"))
	return servesRequests(t, graph, &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool})
}

// anyCertificate is a Go server that takes any certificate.
func anyCertificate(t *testing.T) string {
	t.Helper()
	return servesRequests(t, livingGraph(t), &tls.Config{ClientAuth: tls.RequireAnyClientCert})
}

func servesRequests(t *testing.T, graph *pkitest.Graph, config *tls.Config) string {
	t.Helper()
	config.MinVersion = tls.VersionTLS12
	config.Certificates = []tls.Certificate{{Certificate: [][]byte{graph.Certificate("control").Raw}, PrivateKey: graph.Key("control")}}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer connection.Close()
				if _, err := connection.Read(make([]byte, 4096)); err == nil {
					_, _ = io.WriteString(connection, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
				}
			}()
		}
	}()
	return listener.Addr().String()
}

// meeting is the configuration of a handshake with files of a graph.
func meeting(address, presented, key string, more ...string) string {
	var files []string
	for name := range strings.FieldsSeq(presented) {
		files = append(files, fmt.Sprintf("file(\"${local.pki}/%s.pem\")", name))
	}
	return fmt.Sprintf("  address         = %q\n  server_name     = \"kong_clustering\"\n  chain_pem       = join(\"\", [%s])\n  private_key_pem = file(\"${local.pki}/%s.key\")\n  %s\n",
		address, strings.Join(files, ", "), key, strings.Join(more, "\n  "))
}

// TestHandshake: what is proved, what is refused, and what the reader sees.
func TestHandshake(t *testing.T) {
	t.Parallel()
	graph := livingGraph(t)
	files := writeFiles(t, drawn(t, graph))
	address := controlPlane(t, graph)
	const (
		judge  = "trust_anchors_pem = [file(\"${local.pki}/serving.pem\")]"
		upload = "uploaded_pem = [file(\"${local.pki}/root.pem\")]"
		http   = "http = { path = \"/\" }"
	)
	values := func(want map[string]string) resource.TestCheckFunc {
		return func(state *tfstate.State) error {
			for name, value := range want {
				got := stored(t, state, "echo.it", "data."+name)
				if !regexp.MustCompile(value).MatchString(got) {
					t.Errorf("%s is %q, want %q", name, got, value)
				}
			}
			return nil
		}
	}
	for name, row := range map[string]struct {
		body   string
		values map[string]string
		told   string // of an error
	}{
		"accepted": {
			body: meeting(address, "edge issuing", "edge", judge, upload, http),
			values: map[string]string{
				"accepted": "^true$", "refusal": "^$", "tls_version": `^TLS 1\.3$`, "cipher_suite": "^TLS_", "http_status": "^404$",
				"server_chain_pem": "^-----BEGIN CERTIFICATE-----", "summary": `(?s)^ACCEPTED: 127\.0\.0\.1:\d+ accepts CN=edge\n.*connected to 127\.0\.0\.1.*GET /, status 404.*TRUSTED \(pki\).*TRUSTED \(pki\)`,
			},
		},
		"accepted, without a request": {
			body:   meeting(address, "edge issuing", "edge"),
			values: map[string]string{"accepted": "^true$", "http_status": "^$", "summary": "has not decided"},
		},
		"refused, and so it is said": {
			body: meeting(address, "edge", "edge", upload, http),
			told: `(?s)Certificate refused.*Expected: accepted.*REFUSED: 127\.0\.0\.1:\d+ refuses CN=edge: alert 48.*\(unknown_ca\).*NOT TRUSTED.*issuer_missing`,
		},
		"refused, as expected": {
			body:   meeting(address, "edge", "edge", http, `expect = "refused"`),
			values: map[string]string{"accepted": "^false$", "refusal": `^alert 48 \(unknown_ca\)$`},
		},
		"expired": {
			body: meeting(address, "edge~expired issuing", "edge~expired", http),
			told: `(?s)Certificate refused.*alert 45.*\(certificate_expired\).*error: expired, CN=edge`,
		},
		"accepted, against what is expected": {
			body: meeting(address, "edge issuing", "edge", http, `expect = "refused"`),
			told: `(?s)Certificate not refused.*Expected: refused.*ACCEPTED`,
		},
		"accepted, against the prediction": {
			body:   meeting(address, "edge issuing", "edge", http, "uploaded_pem = [file(\"${local.pki}/elsewhere.pem\")]"),
			values: map[string]string{"accepted": "^true$", "summary": "(?s)PREDICTION AND SERVER DISAGREE.*NOT TRUSTED"},
		},
		"refused, against the prediction": {
			body: meeting(address, "stranger", "stranger", http, "uploaded_pem = [file(\"${local.pki}/elsewhere.pem\")]"),
			told: `(?s)Certificate refused.*PREDICTION AND SERVER DISAGREE.*Either.*the server does not trust.*TRUSTED \(pki\)`,
		},
		"a server that is not trusted": {
			body: meeting(address, "edge issuing", "edge", http, "trust_anchors_pem = [file(\"${local.pki}/root.pem\")]"),
			told: `(?s)Server not trusted.*SERVER NOT TRUSTED.*NOT TRUSTED.*issuer_missing, presented 1: CN=control`,
		},
		"a server that is not trusted has not refused": {
			body: meeting(address, "edge issuing", "edge", http, "trust_anchors_pem = [file(\"${local.pki}/root.pem\")]", `expect = "refused"`),
			told: `Certificate not refused`,
		},
		"nothing listens": {
			body: meeting("127.0.0.1:1", "edge issuing", "edge"),
			told: `(?s)Server not reached.*connection refused`,
		},
		"nothing listens, and that proves no withdrawal": {
			body: meeting("127.0.0.1:1", "edge issuing", "edge", `expect = "refused"`),
			told: `(?s)Server not reached.*Expected: refused`,
		},
		"nothing listens, and that is a result": {
			body:   meeting("127.0.0.1:1", "edge issuing", "edge", `expect = "any"`),
			values: map[string]string{"accepted": "^false$", "refusal": "^not reached: 127.0.0.1:1: connection refused$", "tls_version": "^$", "server_chain_pem": "^$"},
		},
		"too slow": {
			body:   meeting(silence(t), "edge issuing", "edge", `expect = "any"`, `timeout = "300ms"`),
			values: map[string]string{"accepted": "^false$", "refusal": "^no answer within 300ms"},
		},
		"the key of another certificate": {
			body: meeting("127.0.0.1:1", "edge issuing", "stranger"),
			told: `(?s)Key does not match.*does not belong to CN=edge.*Nothing was sent`,
		},
		"an address without a port":     {body: meeting("cp.example.com", "edge", "edge"), told: `(?s)Invalid address.*the port is missing`},
		"an address with a scheme":      {body: meeting("https://cp.example.com:8005/", "edge", "edge"), told: `(?s)Invalid address.*has a scheme.*such as.*"cp\.example\.com:8005"`},
		"an address with a path":        {body: meeting("cp.example.com:8005/v2", "edge", "edge"), told: `(?s)Invalid address.*has a path`},
		"IPv6 without brackets":         {body: meeting("2001:db8::1", "edge", "edge"), told: `(?s)Invalid address.*IPv6`},
		"a name that does not resolve":  {body: meeting("nobody.invalid:8005", "edge", "edge"), told: `(?s)Server not reached.*"nobody\.invalid" does not resolve`},
		"an expectation that cannot be": {body: meeting(address, "edge", "edge", `expect = "maybe"`), told: `(?s)Invalid Attribute Value Match.*expect`},
		"no time at all":                {body: meeting(address, "edge", "edge", `timeout = "0s"`), told: `Duration out of range`},
		"more time than anybody has":    {body: meeting(address, "edge", "edge", `timeout = "1h"`), told: `Duration out of range`},
		"a path without a slash":        {body: meeting(address, "edge", "edge", `http = { path = "status" }`), told: `(?s)Invalid path.*does not begin with "/"`},
		"a path that smuggles a header": {body: meeting(address, "edge", "edge", `http = { path = "/ HTTP/1.1\r\nX: y" }`), told: `(?s)Invalid path.*percent-encoded`},
		"a server name that is a URL":   {body: strings.ReplaceAll(meeting(address, "edge", "edge"), `"kong_clustering"`, `"https://cp"`), told: `Invalid server name`},
		"a verifier without a list":     {body: meeting(address, "edge", "edge", `verifier = "konnect"`), told: `Invalid Attribute Combination`},
		"a depth that Konnect lacks":    {body: meeting(address, "edge", "edge", upload, `verify_depth = 3`), told: `(?s)Option not allowed.*verify_depth`},
		"a chain that is none":          {body: "address = \"127.0.0.1:1\"\nchain_pem = \"hello\"\nprivate_key_pem = file(\"${local.pki}/edge.key\")\n", told: `Unreadable chain`},
		"a key that is none":            {body: "address = \"127.0.0.1:1\"\nchain_pem = file(\"${local.pki}/edge.pem\")\nprivate_key_pem = file(\"${local.pki}/edge.pem\")\n", told: `Unreadable private key`},
		"anchors that are none":         {body: meeting(address, "edge", "edge", `trust_anchors_pem = ["hello"]`), told: `(?s)Unreadable trust anchor.*Element \[0\]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			step := resource.TestStep{Config: files + echoed("mtls_handshake", row.body, "it")}
			if row.told != "" {
				step.ExpectError = regexp.MustCompile(row.told)
			} else {
				step.Check = values(row.values)
			}
			terraformEchoing(t, time.Now, step)
		})
	}
}

// silence is the address of a server that takes connections and says nothing.
func silence(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener.Addr().String()
}

package e2e

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// output reads an output of what is applied.
func (w *workspace) output(name string, into any) {
	w.t.Helper()
	if err := json.Unmarshal([]byte(w.terraform("output", "-json", name)), into); err != nil {
		w.t.Fatal(err)
	}
}

// A kongNode is one side of a cluster, with the files and the settings that a
// composition gives it.
type kongNode struct {
	files    map[string]string
	settings map[string]string
}

// identity is what the node presents.
func (n kongNode) identity(t *testing.T) tls.Certificate {
	t.Helper()
	pair, err := tls.X509KeyPair([]byte(n.files[n.settings["KONG_CLUSTER_CERT"]]), []byte(n.files[n.settings["KONG_CLUSTER_CERT_KEY"]]))
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

// pool is the file that a setting names.
func (n kongNode) pool(t *testing.T, setting string) *x509.CertPool {
	t.Helper()
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(n.files[n.settings[setting]])) {
		t.Fatalf("no certificate in %s", setting)
	}
	return pool
}

// meet lets a data plane connect to a control plane, each judging the other as
// its settings say, and fails the test unless both are content.
func meet(t *testing.T, controlPlane, dataPlane kongNode, serverName string, accepts func(*x509.Certificate) bool) {
	t.Helper()
	atDataPlane, atControlPlane := met(t, controlPlane, dataPlane, serverName, time.Now(), accepts)
	if atDataPlane != nil {
		t.Errorf("the data plane refuses the control plane: %v", atDataPlane)
	}
	if atControlPlane != nil {
		t.Errorf("the control plane refuses the data plane: %v", atControlPlane)
	}
}

// met lets them connect, and returns what each side has against it.
func met(t *testing.T, controlPlane, dataPlane kongNode, serverName string, at time.Time, accepts func(*x509.Certificate) bool) (atDataPlane, atControlPlane error) {
	t.Helper()
	serverSide, clientSide := newWire()
	server := &tls.Config{Certificates: []tls.Certificate{controlPlane.identity(t)}, MinVersion: tls.VersionTLS12, Time: func() time.Time { return at }}
	if accepts != nil {
		server.ClientAuth = tls.RequireAnyClientCert
		server.VerifyConnection = func(state tls.ConnectionState) error {
			if !accepts(state.PeerCertificates[0]) {
				return x509.CertificateInvalidError{Cert: state.PeerCertificates[0], Detail: "another certificate"}
			}
			return nil
		}
	} else {
		server.ClientAuth, server.ClientCAs = tls.RequireAndVerifyClientCert, controlPlane.pool(t, "KONG_CLUSTER_CA_CERT")
	}
	refused := make(chan error, 1)
	go func() { refused <- tls.Server(serverSide, server).HandshakeContext(t.Context()) }()
	client := tls.Client(clientSide, &tls.Config{
		Certificates: []tls.Certificate{dataPlane.identity(t)}, ServerName: serverName,
		RootCAs: dataPlane.pool(t, "KONG_LUA_SSL_TRUSTED_CERTIFICATE"), MinVersion: tls.VersionTLS12, Time: func() time.Time { return at },
	})
	if atDataPlane = client.HandshakeContext(t.Context()); atDataPlane != nil {
		_ = clientSide.Close()
	}
	return atDataPlane, <-refused
}

// TestHybridSharedNodesMeet: with cluster_mtls = shared Kong compares digests,
// and asks the control plane for the name kong_clustering.
func TestHybridSharedNodesMeet(t *testing.T) {
	t.Parallel()
	c := newComposition(t, "hybrid-shared")
	c.set("control_plane", "control-plane.kong.svc:8005")
	c.apply()
	var controlPlane, dataPlane kongNode
	c.output("files", &controlPlane.files)
	c.output("files", &dataPlane.files)
	c.output("control_plane_settings", &controlPlane.settings)
	c.output("data_plane_settings", &dataPlane.settings)

	shared := sha256.Sum256(controlPlane.identity(t).Certificate[0])
	meet(t, controlPlane, dataPlane, "kong_clustering", func(presented *x509.Certificate) bool {
		return sha256.Sum256(presented.Raw) == shared
	})
	c.settled()
}

// TestHybridPKINodesMeet: with cluster_mtls = pki the control plane verifies
// chains, and data planes ask for the name that they are given. The steps of a
// rotation are those of the README: between two, every node that was restarted
// meets every one that was not. Who skips a step is refused.
func TestHybridPKINodesMeet(t *testing.T) {
	t.Parallel()
	c := newComposition(t, "hybrid-pki")
	c.set("control_plane", "control-plane.kong.svc:8005")
	c.set("domain", "dp.acme.internal")
	c.set("data_planes", `["edge-1"]`)
	c.set("prepublish", "10s")
	c.set("overlap", "1s")
	c.apply()
	var controlPlanes, dataPlanes []kongNode
	step := func(roots int) {
		t.Helper()
		controlPlane, dataPlane := c.pkiNodes()
		controlPlanes, dataPlanes = append(controlPlanes, controlPlane), append(dataPlanes, dataPlane)
		for _, node := range []kongNode{controlPlane, dataPlane} {
			if trusted := strings.Count(node.files["/etc/kong/cluster/ca.crt"], "BEGIN CERTIFICATE"); trusted != roots {
				t.Errorf("%d roots are trusted, want %d", trusted, roots)
			}
		}
		for i := max(0, len(controlPlanes)-2); i < len(controlPlanes); i++ {
			for j := max(0, len(dataPlanes)-2); j < len(dataPlanes); j++ {
				meet(t, controlPlanes[i], dataPlanes[j], dataPlanes[j].settings["KONG_CLUSTER_SERVER_NAME"], nil)
			}
		}
	}
	step(1)
	c.set("rotation", `{ since = "today" }`)
	c.apply()
	step(2)
	if first, second := controlPlanes[0].files, controlPlanes[1].files; first["/etc/kong/cluster/tls.crt"] != second["/etc/kong/cluster/tls.crt"] {
		t.Error("the control plane presents another certificate before everybody trusts its root")
	}
	var rotation struct {
		NextAt time.Time `json:"next_at"`
	}
	c.output("rotation", &rotation)
	waitUntil(t, rotation.NextAt)
	c.apply()
	step(2)
	name := dataPlanes[0].settings["KONG_CLUSTER_SERVER_NAME"]
	if _, refused := met(t, controlPlanes[0], dataPlanes[2], name, time.Now(), nil); refused == nil {
		t.Error("a control plane that was not restarted in step 1 accepts a data plane of step 2: the test cannot tell them apart")
	}
	if refused, _ := met(t, controlPlanes[2], dataPlanes[0], name, time.Now(), nil); refused == nil {
		t.Error("a data plane that was not restarted in step 1 accepts the control plane of step 2: the test cannot tell them apart")
	}
	waitUntil(t, time.Now().Add(time.Second))
	c.apply()
	step(1)
	c.settled()
}

func (c *composition) pkiNodes() (controlPlane, dataPlane kongNode) {
	c.t.Helper()
	dataPlanes := map[string]map[string]string{}
	c.output("data_plane_files", &dataPlanes)
	dataPlane.files = dataPlanes["edge-1"]
	c.output("control_plane_files", &controlPlane.files)
	c.output("control_plane_settings", &controlPlane.settings)
	c.output("data_plane_settings", &dataPlane.settings)
	return controlPlane, dataPlane
}

// TestVaultKVKeepsNoKeyInState: the key of the data plane is in the store, and
// neither its nor the CA's is in the state.
func TestVaultKVKeepsNoKeyInState(t *testing.T) {
	t.Parallel()
	c := newComposition(t, "vault-kv")
	c.issueFrom("fixtures")
	c.set("data_planes", `["edge-1"]`)
	c.set("edition", "1")
	c.apply()
	if kept := c.kept("vault_kv_secret_v2", "secret%2Fdata%2Fkong%2Fdata-planes%2Fedge-1"); !strings.Contains(kept, "PRIVATE KEY") {
		t.Errorf("the secret has no key: %s", kept)
	}
	if strings.Contains(c.read("terraform.tfstate"), "PRIVATE KEY") {
		t.Error("a private key is in the state")
	}
	c.settled()
}

// TestTwoTeamsMeetInRemoteState applies the platform's half, and the
// application's from the state that it leaves behind.
func TestTwoTeamsMeetInRemoteState(t *testing.T) {
	t.Parallel()
	keys := []string{newKey(t), newKey(t)}
	platform := newComposition(t, "two-teams/platform")
	platform.set("teams", `{ payments = "payments.dp.acme.internal" }`)
	platform.set("root_key_pem", keys[0])
	platform.set("team_keys_pem", object(t, map[string]string{"payments": keys[1]}))
	platform.apply()
	if strings.Contains(platform.read("terraform.tfstate"), "PRIVATE KEY") {
		t.Error("a private key is in the state that other teams read")
	}

	application := newComposition(t, "two-teams/application")
	application.set("team", "payments")
	application.set("data_planes", `["edge-1"]`)
	application.set("issuer_key_pem", keys[1])
	application.set("platform_state", object(t, map[string]any{
		"backend": "local", "config": map[string]string{"path": filepath.Join(platform.folder, "terraform.tfstate")},
	}))
	application.apply()
	var chains map[string]string
	application.output("cluster_cert", &chains)
	chain, err := pki.ParseCertificates(chains["edge-1"])
	if err != nil || len(chain) != 2 || pki.SubjectOf(chain[1]) != "CN=Issuing for payments" {
		t.Errorf("the data plane presents %q: %v", chains["edge-1"], err)
	}
	application.settled()
	platform.rotatesRootFor(application, newKey(t))
}

// rotatesRootFor takes the steps of the platform's README, with what the
// application's data plane presents judged at each, before and after its apply.
func (c *composition) rotatesRootFor(application *composition, next string) {
	c.t.Helper()
	trusted := func(step string) {
		c.t.Helper()
		var anchors []string
		var chains map[string]string
		c.output("trust_anchors_pem", &anchors)
		application.output("cluster_cert", &chains)
		chain, err := pki.ParseCertificates(chains["edge-1"])
		if err != nil {
			c.t.Fatal(err)
		}
		uploaded := strings.Join(anchors, "")
		node := process{written: files{trusted: uploaded}}
		node.trust(c.t)
		if err := node.judge(atControlPlane, chain, time.Now()); err != nil {
			c.t.Errorf("%s: %v", step, err)
		}
	}
	c.set("prepublish", "5s")
	c.set("next_root_key_pem", next)
	c.set("root_key_version", "2")
	c.apply()
	var waits struct{ At time.Time }
	c.output("next_root", &waits)
	trusted("the next root waits")
	application.settled()
	waitUntil(c.t, waits.At)
	c.apply()
	trusted("the next root is presented, and the application has not been applied")
	application.apply()
	trusted("the application has been applied")
	c.set("root_key_pem", next)
	delete(c.variables, "next_root_key_pem")
	c.settled()
}

// together is two compositions in one configuration, as their READMEs show it.
const together = `
variable "rotation" { type = map(string) }

module "gateway" {
  source           = "../konnect"
  control_plane_id = "9524ec7d-36d9-465d-a8c5-83a3c9390458"
  data_planes      = []
  domain           = "dp.acme.internal"
  rotation         = var.rotation
}

module "edge" {
  source            = "../kubernetes"
  name              = "edge-3"
  issuer            = module.gateway.issuing
  trust_anchors_pem = module.gateway.trust_anchors_pem
}
`

// TestKonnectIsGivenTheRootBeforeKubernetesTheChain: trust first, then switch,
// at the beginning and when the root rotates.
func TestKonnectIsGivenTheRootBeforeKubernetesTheChain(t *testing.T) {
	t.Parallel()
	c := newComposition(t, "konnect")
	c.folder = filepath.Join(c.folder, "..", "together")
	if err := os.Mkdir(c.folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.folder, "main.tf"), []byte(together), 0o600); err != nil {
		t.Fatal(err)
	}
	c.terraform("init", "-input=false")
	for _, since := range []string{"the beginning", "today"} {
		c.set("rotation", `{ since = "`+since+`" }`)
		c.apply()
		c.settled()
	}
	const upload, secret = "konnect_gateway_data_plane_client_certificate", "kubernetes_secret_v1"
	want := []string{"created " + upload, "created " + secret, "created " + upload, "updated " + secret}
	if diff := cmp.Diff(want, c.journal()); diff != "" {
		t.Errorf("what was done, in order (-want +got):\n%s", diff)
	}
}

// journal is what stand-ins have done, in order, without the IDs.
func (c *composition) journal() (actions []string) {
	c.t.Helper()
	text, err := os.ReadFile(filepath.Join(c.store, "journal"))
	if err != nil {
		c.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		actions = append(actions, strings.Join(strings.Fields(line)[:2], " "))
	}
	return actions
}

// issueFrom applies the fixtures, and gives the intermediate among them to the
// composition.
func (c *composition) issueFrom(fixtures string) {
	c.t.Helper()
	f := &workspace{t: c.t, folder: filepath.Join(c.folder, "..", fixtures), environment: c.environment}
	f.terraform("init", "-input=false")
	f.apply()
	var certificates, chains, keys map[string]string
	f.output("certificate_pem", &certificates)
	f.output("chain_pem", &chains)
	f.output("private_key_pem", &keys)
	c.set("issuer", object(c.t, map[string]string{
		"certificate_pem": certificates["issuing"], "chain_pem": chains["issuing"], "private_key_pem": keys["issuing"],
	}))
	c.set("trust_anchors_pem", object(c.t, []string{certificates["root"]}))
}

// kept is what a stand-in keeps of an object, as JSON.
func (c *composition) kept(kind, id string) string {
	c.t.Helper()
	text, err := os.ReadFile(filepath.Join(c.store, kind, id+".json"))
	if err != nil {
		c.t.Fatal(err)
	}
	return string(text)
}

// object is a value as TF_VAR_ variables take it: JSON is HCL, too.
func object(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func newKey(t *testing.T) string {
	t.Helper()
	key, err := pki.GenerateKey(pki.ECDSAP256)
	if err != nil {
		t.Fatal(err)
	}
	text, err := pki.EncodePrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

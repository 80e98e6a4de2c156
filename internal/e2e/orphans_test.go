//go:build linux

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	guideAfterAKill = "../../examples/guides/after-a-kill"
	controlPlaneID  = "00000000-0000-0000-0000-000000000000"
	konnectToken    = "kpat_for_this_test_only"
)

// heldApply adds to the guide's configuration a data plane, its secret, and what
// keeps an apply from its end: uploaded and switched, and still at work.
const heldApply = `
variable "held" { type = string }
variable "go" { type = string }

resource "mtls_dataplane_certificate" "edge" {
  subject = { common_name = "edge" }
  issuer  = mtls_control_plane_ca.root
}

resource "kubernetes_secret_v1" "edge" {
  depends_on = [konnect_gateway_data_plane_client_certificate.root]
  metadata { name = "edge" }
  data = {
    "tls.crt" = mtls_dataplane_certificate.edge.chain_pem
    "tls.key" = mtls_dataplane_certificate.edge.private_key_pem
  }
}

resource "terraform_data" "hold" {
  depends_on       = [kubernetes_secret_v1.edge]
  triggers_replace = mtls_control_plane_ca.root.fingerprint_sha256

  provisioner "local-exec" {
    command     = "touch \"$HELD\" && until [ -e \"$GO\" ]; do sleep 0.05; done"
    environment = { HELD = var.held, GO = var.go }
  }
}
`

// An ending is a way in which an apply ends in the middle of a rotation.
type ending struct {
	name    string
	backend string // "local", "http", "pg"
	signal  syscall.Signal
	torn    bool // the kill tears the local state
	orphans int
}

func endings() []ending {
	return []ending{
		{name: "local state, SIGINT", backend: "local", signal: syscall.SIGINT},
		{name: "local state, SIGKILL", backend: "local", signal: syscall.SIGKILL},
		{name: "local state, SIGKILL, torn", backend: "local", signal: syscall.SIGKILL, torn: true, orphans: 1},
		{name: "http, SIGTERM", backend: "http", signal: syscall.SIGTERM},
		{name: "http, SIGKILL", backend: "http", signal: syscall.SIGKILL, orphans: 1},
		{name: "pg, SIGKILL", backend: "pg", signal: syscall.SIGKILL, orphans: 1},
	}
}

// TestAfterAKill ends an apply in each way, once the new root is uploaded and the
// data plane presents a certificate below it. Then it does what the guide says:
// apply again, list what no state knows, and delete that. No data plane is refused
// at any time.
func TestAfterAKill(t *testing.T) {
	t.Parallel()
	for _, e := range endings() {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			e.run(t)
		})
	}
}

func (e ending) run(t *testing.T) {
	t.Helper()
	f := newKilled(t, e.backend)
	f.open("default/edge")
	f.interrupted(e.signal)
	if e.torn {
		f.tear()
	}
	f.unlocked()
	f.letGo()
	f.apply()
	f.hold(100)
	found := f.orphans()
	if len(found) != e.orphans {
		t.Errorf("%d uploads are known to no state, want %d: %v", len(found), e.orphans, found)
	}
	for _, id := range found {
		f.deleteUpload(id)
	}
	f.hold(100)
	if left := f.orphans(); len(left) > 0 {
		t.Errorf("deleted, and still there: %v", left)
	}
	f.settled()
	if refused, total := f.fired(); refused > 0 {
		t.Errorf("%d of %d connections were refused", refused, total)
	}
	t.Logf("%s: %d uploads left that no state knows", e.name, len(found))
}

// A killed is a rotation that does not come to its end.
type killed struct {
	*fire
	signals string
	api     string // of the control plane
	backend *httpBackend
}

// newKilled applies the guide's configuration, with the data plane's part.
func newKilled(t *testing.T, backend string) *killed {
	t.Helper()
	k := &killed{signals: t.TempDir()}
	var block, database string
	switch backend {
	case "http":
		k.backend, block = startHTTPBackend(t)
	case "pg":
		block, database = "terraform {\n  backend \"pg\" {}\n}\n", startPostgres(t)
	}
	k.fire = prepareFire(t, map[string]string{"main.tf": k.guide(t, 0), "held.tf": heldApply, "backend.tf": block}, "PG_CONN_STR="+database)
	k.set("held", filepath.Join(k.signals, "held"))
	k.set("go", filepath.Join(k.signals, "go"))
	k.api = serveKonnect(t, k.store)
	k.letGo()
	k.apply()
	return k
}

// guide is the configuration of the guide, with another root for each turn.
func (k *killed) guide(t *testing.T, turn int) string {
	t.Helper()
	name := "Acme Gateway Root"
	return strings.Replace(readFile(t, filepath.Join(guideAfterAKill, "main.tf")), name, fmt.Sprintf("%s %d", name, turn), 1)
}

func (k *killed) letGo() { letGo(k.t, k.signals) }

// interrupted rotates, and sends the signal once everything but the end is done.
func (k *killed) interrupted(signal syscall.Signal) {
	k.t.Helper()
	takeBack(k.t, k.signals)
	k.write("main.tf", k.guide(k.t, 1))
	var printed bytes.Buffer
	command := k.command(k.t.Context(), "apply", "-input=false", "-auto-approve")
	command.Stdout, command.Stderr = &printed, &printed
	command.WaitDelay = time.Second // its children keep the pipe open
	if err := command.Start(); err != nil {
		k.t.Fatal(err)
	}
	waitFor(k.t, filepath.Join(k.signals, "held"))
	orphans := children(k.t, command.Process.Pid)
	_ = command.Process.Signal(signal)
	if signal == syscall.SIGKILL {
		for _, process := range orphans {
			_ = syscall.Kill(process, syscall.SIGKILL)
		}
	}
	if err := command.Wait(); err == nil {
		k.t.Fatalf("the apply came to its end:\n%s", &printed)
	}
}

// tear leaves half of the local state, and restores what Terraform saved, as the
// guide says.
func (k *killed) tear() {
	k.t.Helper()
	file := filepath.Join(k.folder, "terraform.tfstate")
	whole := readFile(k.t, file)
	k.write("terraform.tfstate", whole[:len(whole)/2])
	if printed, err := k.try("plan", "-input=false"); err == nil {
		k.t.Fatalf("Terraform reads half of a state:\n%s", printed)
	} else {
		k.t.Logf("Terraform says of half a state:\n%s", printed)
	}
	k.write("terraform.tfstate", readFile(k.t, file+".backup"))
}

// unlocked removes the lock that the kill has left, if the backend keeps it.
func (k *killed) unlocked() {
	k.t.Helper()
	printed, err := k.try("plan", "-input=false", "-lock-timeout=5s")
	if err == nil {
		return
	}
	id := regexp.MustCompile(`ID:\s+(\S+)`).FindStringSubmatch(printed)
	if !strings.Contains(printed, "Error acquiring the state lock") || id == nil {
		k.t.Fatalf("no plan after the kill: %v\n%s", err, printed)
	}
	k.terraform("force-unlock", "-force", id[1])
}

// orphans runs the guide's script: the IDs of what no state knows.
func (k *killed) orphans() (ids []string) {
	k.t.Helper()
	known := filepath.Join(k.signals, "known.json")
	if err := os.WriteFile(known, []byte(k.terraform("output", "-json", "trusted_certificates_pem")), 0o600); err != nil {
		k.t.Fatal(err)
	}
	script := exec.CommandContext(k.t.Context(), "sh", filepath.Join(guideAfterAKill, "orphans.sh"), controlPlaneID, known)
	script.Env = append(os.Environ(), "KONNECT_TOKEN="+konnectToken, "KONNECT_SERVER_URL="+k.api)
	var complaint bytes.Buffer
	script.Stderr = &complaint
	printed, err := script.Output()
	if err != nil {
		k.t.Fatalf("orphans.sh: %v\n%s", err, &complaint)
	}
	for line := range strings.Lines(string(printed)) {
		k.t.Logf("orphan: %s", strings.TrimSpace(line))
		ids = append(ids, strings.Fields(line)[0])
	}
	return ids
}

// deleteUpload deletes an upload as the guide says.
func (k *killed) deleteUpload(id string) {
	k.t.Helper()
	request, err := http.NewRequestWithContext(k.t.Context(), http.MethodDelete, k.api+"/v2/control-planes/"+controlPlaneID+"/dp-client-certificates/"+id, nil)
	if err != nil {
		k.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+konnectToken)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		k.t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusNoContent {
		k.t.Fatalf("deleting %s: %s", id, response.Status)
	}
}

// serveKonnect serves the part of Konnect's API that the guide uses, over what
// the stand-in keeps. It returns its URL.
func serveKonnect(t *testing.T, store string) string {
	t.Helper()
	folder := filepath.Join(store, uploadType)
	const path = "/v2/control-planes/" + controlPlaneID + "/dp-client-certificates"
	api := http.NewServeMux()
	api.HandleFunc("GET "+path, func(response http.ResponseWriter, _ *http.Request) {
		type item struct {
			ID        string `json:"id"`
			Cert      string `json:"cert"`
			Title     string `json:"title,omitempty"`
			CreatedAt int64  `json:"created_at"`
			UpdatedAt int64  `json:"updated_at"`
		}
		list := struct {
			Items []item `json:"items"`
		}{Items: []item{}}
		files, _ := filepath.Glob(filepath.Join(folder, "*.json"))
		for _, file := range files {
			one := item{ID: strings.TrimSuffix(filepath.Base(file), ".json")}
			if err := readJSON(file, &one); err == nil {
				list.Items = append(list.Items, one)
			}
		}
		_ = json.NewEncoder(response).Encode(list)
	})
	api.HandleFunc("DELETE "+path+"/{id}", func(response http.ResponseWriter, request *http.Request) {
		if err := os.Remove(filepath.Join(folder, request.PathValue("id")+".json")); err != nil {
			response.WriteHeader(http.StatusNotFound)
			return
		}
		response.WriteHeader(http.StatusNoContent)
	})
	server := httptest.NewServer(http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		if request.Header.Get("Authorization") != "Bearer "+konnectToken {
			response.WriteHeader(http.StatusUnauthorized)
			return
		}
		api.ServeHTTP(response, request)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// TestErroredState: a backend that fails at the end of an apply costs nothing, if
// what Terraform leaves in errored.tfstate is pushed before anything else is
// applied.
func TestErroredState(t *testing.T) {
	t.Parallel()
	k := newKilled(t, "http")
	k.backend.breaksDown(true)
	k.write("main.tf", k.guide(t, 1))
	printed, err := k.try("apply", "-input=false", "-auto-approve")
	if err == nil || !strings.Contains(printed, "errored.tfstate") {
		t.Fatalf("a backend that takes no state goes unnoticed: %v\n%s", err, printed)
	}
	k.backend.breaksDown(false)
	k.terraform("state", "push", "errored.tfstate")
	k.settled()
	if found := k.orphans(); len(found) > 0 {
		t.Errorf("uploads that no state knows: %v", found)
	}
}

// TestErroredStateIsPushedFirst: after another apply Terraform refuses to push it.
func TestErroredStateIsPushedFirst(t *testing.T) {
	t.Parallel()
	k := newKilled(t, "http")
	k.backend.breaksDown(true)
	k.write("main.tf", k.guide(t, 1))
	if printed, err := k.try("apply", "-input=false", "-auto-approve"); err == nil {
		t.Fatalf("a backend that takes no state goes unnoticed:\n%s", printed)
	}
	k.backend.breaksDown(false)
	k.apply()
	printed, err := k.try("state", "push", "errored.tfstate")
	if err == nil || !strings.Contains(printed, "serial") {
		t.Errorf("pushed over a newer state: %v\n%s", err, printed)
	}
	if found := k.orphans(); len(found) != 1 {
		t.Errorf("uploads that no state knows: %v, want the one of the lost state", found)
	}
}

// TestSecretThatAlreadyExists: what must be unique, and was created by an apply
// that the state does not know, is imported.
func TestSecretThatAlreadyExists(t *testing.T) {
	t.Parallel()
	k := newKilled(t, "local")
	before := k.read("terraform.tfstate")
	k.write("more.tf", `
resource "kubernetes_secret_v1" "more" {
  metadata {
    name      = "kong-cluster-cert"
    namespace = "kong"
  }
  type = "kubernetes.io/tls"
  data = { "tls.crt" = mtls_dataplane_certificate.edge.chain_pem, "tls.key" = mtls_dataplane_certificate.edge.private_key_pem }
}
`)
	k.apply()
	k.write("terraform.tfstate", before)
	printed, err := k.try("apply", "-input=false", "-auto-approve")
	if err == nil || !strings.Contains(printed, `"kong-cluster-cert" already exists`) {
		t.Fatalf("created twice: %v\n%s", err, printed)
	}
	k.terraform("import", "-input=false", "kubernetes_secret_v1.more", "kong/kong-cluster-cert")
	k.apply()
	k.settled()
}

// TestUploadIsImported: an upload that no state knows is taken over with the ID
// that the guide on Konnect names, in both ways.
func TestUploadIsImported(t *testing.T) {
	t.Parallel()
	k := newKilled(t, "local")
	files, err := filepath.Glob(filepath.Join(k.store, uploadType, "*.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("uploads %v: %v", files, err)
	}
	id := strings.TrimSuffix(filepath.Base(files[0]), ".json")
	k.write("uploaded.pem", k.certificate("mtls_control_plane_ca.root").CertificatePEM)
	k.terraform("state", "rm", `konnect_gateway_data_plane_client_certificate.root["1"]`)
	const address = "konnect_gateway_data_plane_client_certificate.already"
	k.write("already.tf", `
resource "konnect_gateway_data_plane_client_certificate" "already" {
  control_plane_id = var.control_plane_id
  cert             = file("uploaded.pem")
  title            = "root ${substr(provider::mtls::fingerprint_sha256(file("uploaded.pem")), 0, 12)}"
}
`)
	written := object(t, map[string]string{"control_plane_id": controlPlaneID, "id": id})
	k.terraform("import", "-input=false", address, written)
	unchanged := func() {
		t.Helper()
		if printed := k.terraform("plan", "-input=false", "-target="+address); !strings.Contains(printed, "No changes") {
			t.Errorf("imported, and not as it is configured:\n%s", printed)
		}
	}
	unchanged()
	k.terraform("state", "rm", address)
	k.write("import.tf", fmt.Sprintf("import {\n  to = %s\n  id = jsonencode({ control_plane_id = %q, id = %q })\n}\n", address, controlPlaneID, id))
	if printed := k.terraform("apply", "-input=false", "-auto-approve", "-target="+address); !strings.Contains(printed, "1 imported, 0 added, 0 changed") {
		t.Errorf("not imported as it is:\n%s", printed)
	}
	unchanged()
	if printed, err := k.try("import", "-input=false", `konnect_gateway_data_plane_client_certificate.root["1"]`, id); err == nil || !strings.Contains(printed, "control_plane_id") {
		t.Errorf("imported by an ID without its control plane: %v\n%s", err, printed)
	}
}

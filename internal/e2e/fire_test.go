package e2e

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/standin"
)

const uploadType = "konnect_gateway_data_plane_client_certificate"

// A fire is a configuration as people write it, under fire: data planes connect
// to the control plane without a break while it is applied. What is uploaded and
// what the data planes present is what the stand-ins of kong/konnect and
// hashicorp/kubernetes have been given, at every instant.
type fire struct {
	*workspace
	store string
	plane *goControlPlane
	tally tally
	stop  func()
}

// newFire prepares a workspace with the file main.tf, and its control plane.
func newFire(t *testing.T, configuration string) *fire {
	t.Helper()
	return prepareFire(t, map[string]string{"main.tf": configuration})
}

// prepareFire prepares a workspace with files by name, and its control plane.
func prepareFire(t *testing.T, files map[string]string, environment ...string) *fire {
	t.Helper()
	if testing.Short() {
		t.Skip("runs terraform many times: not in -short")
	}
	f := &fire{store: t.TempDir(), stop: func() {}}
	f.workspace = f.state(t, files, environment...)
	f.plane = serveGo(t, &goControlPlane{look: f.uploads})
	return f
}

// state is another configuration with a state of its own, and the same stand-ins.
func (f *fire) state(t *testing.T, files map[string]string, environment ...string) *workspace {
	t.Helper()
	// Beside the compositions, which it may use.
	folder := filepath.Join(t.TempDir(), "compositions")
	if err := os.CopyFS(folder, os.DirFS(compositionsFolder)); err != nil {
		t.Fatal(err)
	}
	w := &workspace{
		t: t, folder: filepath.Join(folder, "under-fire"), variables: map[string]string{},
		environment: append(environment, standin.Folder+"="+f.store),
		patience:    5 * time.Minute,
	}
	if err := os.Mkdir(w.folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		w.write(name, text)
	}
	w.terraform("init", "-input=false")
	return w
}

// uploads are the certificates in the control plane's hands: those given to
// Konnect, which may be bundles, and those in the store.
func (f *fire) uploads() ([]*x509.Certificate, error) {
	var files []string
	for _, kind := range []string{uploadType, "vault_kv_secret_v2"} {
		found, err := filepath.Glob(filepath.Join(f.store, kind, "*.json"))
		if err != nil {
			return nil, err
		}
		files = append(files, found...)
	}
	var all []*x509.Certificate
	for _, file := range files {
		text, err := uploadIn(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted since it was listed
		}
		if err != nil {
			return nil, err
		}
		certificates, err := pki.ParseCertificates(text)
		if err != nil {
			return nil, err
		}
		all = append(all, certificates...)
	}
	return all, nil
}

// uploadIn is the certificate that a stand-in keeps in a file.
func uploadIn(file string) (string, error) {
	var upload struct {
		Cert     string
		DataJSON string `json:"data_json"`
	}
	err := readJSON(file, &upload)
	if err == nil && upload.DataJSON != "" {
		err = json.Unmarshal([]byte(upload.DataJSON), &upload)
	}
	return upload.Cert, err
}

// secret is what a secret of the cluster says now.
func (f *fire) secret(name string) (tls.Certificate, error) {
	var secret struct {
		Data   map[string]string
		DataWO map[string]string `json:"data_wo"`
	}
	if err := readJSON(filepath.Join(f.store, "kubernetes_secret_v1", url.PathEscape(name)+".json"), &secret); err != nil {
		return tls.Certificate{}, err
	}
	files := secret.Data
	if files == nil {
		files = secret.DataWO
	}
	return tls.X509KeyPair([]byte(files["tls.crt"]), []byte(files["tls.key"]))
}

func readJSON(file string, into any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// changes is the length of the journal of the stand-ins, which grows by each.
func (f *fire) changes() int64 {
	journal, err := os.Stat(filepath.Join(f.store, "journal"))
	if err != nil {
		return 0 // nothing yet
	}
	return journal.Size()
}

// open lets data planes connect with what each secret says: one that reads it
// anew for each connection, and two that take a new one up late, as a process
// does that must be restarted for it. Each connects after every change, and every
// 12 ms besides: the shortest gap in the trust of a composition that has one is
// seen by all of them.
func (f *fire) open(secrets ...string) {
	f.t.Helper()
	var running sync.WaitGroup
	stop := make(chan struct{})
	f.stop = sync.OnceFunc(func() {
		close(stop)
		running.Wait()
	})
	f.t.Cleanup(f.stop)
	for _, name := range secrets {
		for _, late := range []time.Duration{0, 300 * time.Millisecond, time.Second} {
			(&dataPlane{
				plane: f.plane, secret: func() (tls.Certificate, error) { return f.secret(name) },
				late: late, pause: 12 * time.Millisecond, changes: f.changes, tally: &f.tally,
			}).start(f.t, &running, stop)
		}
	}
}

// hold waits for so many more connections, and until the slowest data plane has
// taken up what its secret says.
func (f *fire) hold(connections int) {
	f.t.Helper()
	wanted, least := f.tally.total()+connections, time.Now().Add(1200*time.Millisecond)
	for limit := time.Now().Add(2 * time.Minute); f.tally.total() < wanted || time.Now().Before(least); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(limit) {
			f.t.Fatalf("the data planes have stopped: %v", &f.tally)
		}
	}
}

// turn rotates what the variable turn rotates, and applies with more arguments.
func (f *fire) turn(to string, arguments ...string) {
	f.t.Helper()
	f.set("turn", to)
	f.terraform(append([]string{"apply", "-input=false", "-auto-approve"}, arguments...)...)
}

// fired ends the fire: how many connections were refused, of how many.
func (f *fire) fired() (refused, total int) {
	f.t.Helper()
	f.stop()
	f.t.Logf("%v", &f.tally)
	if f.tally.first != nil {
		f.t.Logf("the first was refused because: %v", f.tally.first)
	}
	return f.tally.refused, f.tally.total()
}

func (c *tally) total() int {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.accepted + c.refused
}

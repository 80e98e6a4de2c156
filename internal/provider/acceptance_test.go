package provider

import (
	"crypto"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// clockAt is a clock that stands at an instant: [pkitest.Now] where certificates
// of a drawing are used, the present where openssl makes them.
func clockAt(instant time.Time) *stepClock { return &stepClock{now: instant} }

// writeFiles writes texts to files of the given names, and returns the HCL by
// which a configuration finds them: file("${local.pki}/root.pem").
func writeFiles(t *testing.T, texts ...map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for _, named := range texts {
		for name, text := range named {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return localFolder(folder)
}

// localFolder is the HCL that calls a folder local.pki.
func localFolder(folder string) string {
	return fmt.Sprintf("locals { pki = %q }\n", filepath.ToSlash(folder))
}

// drawn are the files of a drawing: name.pem and name.key for each node.
func drawn(t *testing.T, graph *pkitest.Graph) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, name := range graph.Names() {
		texts[name+".pem"] = graph.PEM(name)
		texts[name+".key"] = keyPEM(t, graph.Key(name))
	}
	return texts
}

func keyPEM(t testing.TB, key crypto.Signer) string {
	t.Helper()
	text, err := pki.EncodePrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// openssl runs the openssl command in folder. It is needed: without it, the test
// fails.
func openssl(t *testing.T, folder, arguments string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "openssl", strings.Fields(arguments)...)
	command.Dir = folder
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("openssl %s: %v\n%s", arguments, err, output)
	}
}

// with is base and what is added to it.
func with[V any](base map[string]V, added map[string]V) map[string]V {
	all := maps.Clone(base)
	maps.Copy(all, added)
	return all
}

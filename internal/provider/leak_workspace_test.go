package provider

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	frameworkprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/trustplane/terraform-provider-mtls/internal/standin"
)

// A tracedWorkspace is a folder in which the real terraform runs the built
// provider, both logging all that they can, beside a store that stands in for
// hashicorp/vault.
type tracedWorkspace struct {
	t           *testing.T
	folder      string
	logs        string
	environment []string
	store       *secretStore
	runs        int
	// printed is all that terraform has printed, by command.
	printed map[string]string
}

func newTracedWorkspace(t *testing.T) *tracedWorkspace {
	t.Helper()
	w := &tracedWorkspace{t: t, folder: t.TempDir(), logs: t.TempDir(), store: &secretStore{}, printed: map[string]string{}}
	plugins := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-ldflags", "-s -w", "-o", filepath.Join(plugins, "terraform-provider-mtls"+executableSuffix()), "../..")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the provider: %v\n%s", err, said)
	}
	settings := filepath.Join(plugins, "terraform.rc")
	text := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"trustplane/mtls\" = %q\n  }\n  direct {}\n}\n", filepath.ToSlash(plugins))
	if err := os.WriteFile(settings, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	vault, err := standin.New("vault", t.TempDir(), w.store.watch)
	if err != nil {
		t.Fatal(err)
	}
	w.environment = slices.DeleteFunc(os.Environ(), func(variable string) bool { return strings.HasPrefix(variable, "TF_") })
	w.environment = append(w.environment, "TF_CLI_CONFIG_FILE="+settings, "TF_LOG=TRACE", "TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1",
		"TF_REATTACH_PROVIDERS="+served(t, "hashicorp/vault", vault))
	return w
}

// executableSuffix is what the name of a program ends with here.
func executableSuffix() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}

// A secretStore remembers the secrets that a stand-in for hashicorp/vault was ever
// given, at plan too.
type secretStore struct {
	mutex sync.Mutex
	seen  []string
}

func (s *secretStore) watch(_ string, configured map[string]any) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if secret, ok := configured["data_json_wo"].(string); ok {
		s.seen = append(s.seen, secret)
	}
}

// given lists every secret that the store has seen, written or not.
func (s *secretStore) given() []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.seen
}

// served serves a provider out of this process, and says where, as Terraform and
// OpenTofu read it: each looks below the name of its own registry.
func served(t *testing.T, source string, p frameworkprovider.Provider) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	attached, closed := makeLike(tf6server.WithDebug), make(chan struct{})
	go func() {
		server := func() tfprotov6.ProviderServer { return providerserver.NewProtocol6(p)() }
		if err := tf6server.Serve("registry.terraform.io/"+source, server, tf6server.WithDebug(ctx, attached, closed), tf6server.WithLoggingSink(t)); err != nil {
			t.Errorf("serving %s: %v", source, err)
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-closed
	})
	config := <-attached
	attach := map[string]any{
		"Protocol": config.Protocol, "ProtocolVersion": config.ProtocolVersion, "Pid": config.Pid, "Test": config.Test,
		"Addr": map[string]string{"Network": config.Addr.Network(), "String": config.Addr.String()},
	}
	text, err := json.Marshal(map[string]any{"registry.terraform.io/" + source: attach, "registry.opentofu.org/" + source: attach})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// makeLike makes the channel that an option wants, whose type belongs to a
// module that is none of ours to import.
func makeLike[T any](func(context.Context, chan T, chan struct{}) tf6server.ServeOpt) chan T {
	return make(chan T)
}

// write puts a file into the workspace.
func (w *tracedWorkspace) write(name, text string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.folder, name), []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// start prepares a terraform command with a log of its own.
func (w *tracedWorkspace) start(arguments ...string) *exec.Cmd {
	binary := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if binary == "" {
		binary = "terraform"
	}
	w.runs++
	command := exec.CommandContext(w.t.Context(), binary, append(arguments, "-no-color")...)
	command.Dir = w.folder
	command.Env = append(slices.Clone(w.environment), fmt.Sprintf("TF_LOG_PATH=%s", filepath.Join(w.logs, fmt.Sprintf("%02d-%s.log", w.runs, arguments[0]))))
	return command
}

// try runs terraform, and keeps and returns what it prints.
func (w *tracedWorkspace) try(arguments ...string) (string, error) {
	said, err := w.start(arguments...).CombinedOutput()
	w.printed[fmt.Sprintf("%02d %s", w.runs, strings.Join(arguments, " "))] = string(said)
	return string(said), err
}

// run runs terraform, which must succeed.
func (w *tracedWorkspace) run(arguments ...string) string {
	w.t.Helper()
	began := time.Now()
	said, err := w.try(arguments...)
	if err != nil {
		w.t.Fatalf("terraform %s: %v\n%s", strings.Join(arguments, " "), err, said)
	}
	w.t.Logf("terraform %s: %s", strings.Join(arguments, " "), time.Since(began).Round(time.Millisecond))
	return said
}

// A document is a text in which a key may have been left.
type document struct {
	kind string // "state", "plan as JSON", "log"
	name string
	text []byte
}

// documents are all that terraform has left and printed, but for what the test
// itself wrote.
func (w *tracedWorkspace) documents(written ...string) []document {
	w.t.Helper()
	var all []document
	for command, text := range w.printed {
		kind := "printed"
		if strings.Contains(command, "show -json") {
			kind = "shown as JSON"
		}
		all = append(all, document{kind, command, []byte(text)})
	}
	for _, folder := range []string{w.folder, w.logs} {
		err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
			if err != nil || entry.IsDir() || slices.Contains(written, entry.Name()) {
				return err
			}
			text, err := os.ReadFile(path)
			all = append(all, opened(w.t, entry.Name(), text)...)
			return err
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
	return all
}

// opened is one file; of a plan file, which is a zip archive, all that is in it.
func opened(t *testing.T, name string, text []byte) []document {
	t.Helper()
	switch {
	case strings.Contains(name, ".tfstate"):
		return []document{{"state", name, text}}
	case filepath.Ext(name) == ".log":
		return []document{{"log", name, text}}
	case filepath.Ext(name) != ".tfplan":
		return []document{{"other file", name, text}}
	}
	archive, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	var all []document
	for _, entry := range archive.File {
		content, err := entry.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(content)
		if err != nil {
			t.Fatal(err)
		}
		kind := "plan file"
		if strings.HasPrefix(entry.Name, "tfstate") {
			kind = "state"
		}
		all = append(all, document{kind, name + "/" + entry.Name, text})
	}
	return all
}

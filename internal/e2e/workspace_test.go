package e2e

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// A workspace is a folder with a configuration of testdata, initialised.
type workspace struct {
	t      *testing.T
	folder string
	// variables are those of the configuration, for every command.
	variables map[string]string
	// environment is given to every command besides, as NAME=value.
	environment []string
	// patience is how long a command may take; zero: two minutes.
	patience time.Duration
}

// newWorkspace copies the configuration called name and initialises it.
func newWorkspace(t *testing.T, name string, variables map[string]string) *workspace {
	t.Helper()
	if testing.Short() {
		t.Skip("runs terraform with certificates that live for seconds: not in -short")
	}
	w := &workspace{t: t, folder: t.TempDir(), variables: map[string]string{}}
	maps.Copy(w.variables, variables)
	if err := os.CopyFS(w.folder, os.DirFS(filepath.Join("testdata", name))); err != nil {
		t.Fatal(err)
	}
	w.terraform("init", "-input=false")
	return w
}

// write makes a file in the workspace what the text is.
func (w *workspace) write(name, text string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.folder, name), []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// read is the text of a file in the workspace.
func (w *workspace) read(name string) string {
	w.t.Helper()
	return readFile(w.t, filepath.Join(w.folder, name))
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// set gives a variable another value from now on.
func (w *workspace) set(name, value string) { w.variables[name] = value }

// command prepares terraform in the workspace, with nothing of the surrounding
// shell's own Terraform settings.
func (w *workspace) command(ctx context.Context, arguments ...string) *exec.Cmd {
	binary := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if binary == "" {
		binary = "terraform"
	}
	command := exec.CommandContext(ctx, binary, append(arguments, "-no-color")...)
	command.Dir = w.folder
	command.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool { return strings.HasPrefix(variable, "TF_") })
	command.Env = append(command.Env, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_CLI_CONFIG_FILE="+cliConfig(os.Getenv(mirrorVariable)),
		"TMPDIR="+sockets(os.Getenv(mirrorVariable)))
	for name, value := range w.variables {
		command.Env = append(command.Env, "TF_VAR_"+name+"="+value)
	}
	command.Env = append(command.Env, w.environment...)
	return command
}

// try runs terraform and returns all that it printed.
func (w *workspace) try(arguments ...string) (string, error) {
	ctx, cancel := context.WithTimeout(w.t.Context(), cmp.Or(w.patience, 2*time.Minute))
	defer cancel()
	printed, err := w.command(ctx, arguments...).CombinedOutput()
	return string(printed), err
}

// terraform runs terraform, which must succeed, and returns all that it printed.
func (w *workspace) terraform(arguments ...string) string {
	w.t.Helper()
	printed, err := w.try(arguments...)
	if err != nil {
		w.t.Fatalf("terraform %s: %v\n%s", strings.Join(arguments, " "), err, printed)
	}
	return printed
}

// apply applies the configuration, which must succeed.
func (w *workspace) apply() {
	w.t.Helper()
	w.terraform("apply", "-input=false", "-auto-approve")
}

// settled fails the test unless another plan has nothing to do.
func (w *workspace) settled() {
	w.t.Helper()
	if printed, err := w.try("plan", "-input=false", "-detailed-exitcode"); err != nil {
		w.t.Errorf("the plan after the apply is not empty: %v\n%s", err, printed)
	}
}

// A certificate is what the state holds of one certificate resource.
type certificate struct {
	CertificatePEM string            `json:"certificate_pem"`
	ChainPEM       string            `json:"chain_pem"`
	PrivateKeyPEM  string            `json:"private_key_pem"`
	Generation     int64             `json:"generation"`
	RenewalAt      time.Time         `json:"renewal_at"`
	RenewalDue     bool              `json:"renewal_due"`
	NotAfter       time.Time         `json:"not_after"`
	Trusted        map[string]string `json:"trusted_certificates_pem"`
}

// certificates reads the state file: every certificate by its address.
func (w *workspace) certificates() (map[string]certificate, error) {
	text, err := os.ReadFile(filepath.Join(w.folder, "terraform.tfstate"))
	if err != nil {
		return nil, err
	}
	var state struct {
		Resources []struct {
			Type, Name string
			Instances  []struct {
				IndexKey   string `json:"index_key"`
				Attributes json.RawMessage
			}
		}
	}
	if err := json.Unmarshal(text, &state); err != nil {
		return nil, err
	}
	all := map[string]certificate{}
	for _, resource := range state.Resources {
		if !strings.HasPrefix(resource.Type, "mtls_") {
			continue
		}
		for _, instance := range resource.Instances {
			address := resource.Type + "." + resource.Name
			if instance.IndexKey != "" {
				address += "[" + instance.IndexKey + "]"
			}
			var read certificate
			if err := json.Unmarshal(instance.Attributes, &read); err != nil {
				return nil, err
			}
			all[address] = read
		}
	}
	return all, nil
}

// certificate is the one at address, which must be there.
func (w *workspace) certificate(address string) certificate {
	w.t.Helper()
	all, err := w.certificates()
	if err != nil {
		w.t.Fatal(err)
	}
	found, ok := all[address]
	if !ok {
		w.t.Fatalf("no %s in the state", address)
	}
	return found
}

// waitUntil sleeps until instant has passed.
func waitUntil(t *testing.T, instant time.Time) {
	t.Helper()
	select {
	case <-time.After(time.Until(instant) + 10*time.Millisecond):
	case <-t.Context().Done():
	}
}

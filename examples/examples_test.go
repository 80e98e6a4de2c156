// Package examples holds configurations that people read and copy. Its tests
// apply each of them with the real terraform.
package examples

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/standin"
)

// TestExamples applies every folder that holds a configuration, and plans again
// an hour later: that plan must be empty. A folder with tests of its own is a
// module, and runs them instead.
func TestExamples(t *testing.T) {
	t.Parallel()
	mirror := newMirror(t)
	files := newFixtures(t)
	for _, folder := range configurations(t) {
		t.Run(filepath.ToSlash(folder), func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, mirror, folder)
			files.writeThoseNamedIn(t, w)
			files.serveControlPlane(t, w)
			w.run(t, "init")
			if hasTests(w.folder) {
				w.run(t, "test")
				return
			}
			w.run(t, "apply", "-auto-approve")
			w.wantEmptyPlan(t)
			w.importAgain(t)
		})
	}
}

// configurations lists the folders that can be applied, below this one: those
// that hold Terraform files and are no module of another. What needs servers or
// a store of uploads is tried in internal/e2e.
func configurations(t *testing.T) []string {
	t.Helper()
	var folders []string
	err := filepath.WalkDir(".", func(path string, entry os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains([]string{"compositions", "remote-state", "modules", "tests", ".terraform"}, entry.Name()):
			return filepath.SkipDir
		case !entry.IsDir() && filepath.Ext(path) == ".tf" && !slices.Contains(folders, filepath.Dir(path)):
			folders = append(folders, filepath.Dir(path))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(folders) == 0 {
		t.Fatal("no folder holds a configuration")
	}
	return folders
}

func hasTests(folder string) bool {
	found, _ := filepath.Glob(filepath.Join(folder, "tests", "*.tftest.hcl"))
	return len(found) > 0
}

// A workspace is a copy of an example in which terraform may leave its traces.
type workspace struct {
	folder      string
	store       string // where stand-ins keep what they are given
	environment []string
	terraform   string
}

func newWorkspace(t *testing.T, m mirror, example string) *workspace {
	t.Helper()
	w := &workspace{folder: t.TempDir(), store: t.TempDir(), terraform: terraformBinary(t)}
	w.environment = append(m.environment(), standin.Folder+"="+w.store)
	if err := os.CopyFS(w.folder, os.DirFS(example)); err != nil {
		t.Fatal(err)
	}
	// A working folder that came along would bring its own provider and state.
	_ = os.RemoveAll(filepath.Join(w.folder, ".terraform"))
	_ = os.Remove(filepath.Join(w.folder, "terraform.tfstate"))
	_ = os.Remove(filepath.Join(w.folder, ".terraform.lock.hcl"))
	_ = os.Rename(filepath.Join(w.folder, importBlocks), filepath.Join(w.folder, importBlocks+".later"))
	if !strings.Contains(w.text(t), "required_providers") {
		w.write(t, "requirements.tf", "terraform {\n  required_providers {\n    mtls = { source = \"trustplane/mtls\" }\n  }\n}\n")
	}
	return w
}

// terraformBinary is the terraform that acceptance tests run too.
func terraformBinary(t *testing.T) string {
	t.Helper()
	if named := os.Getenv("TF_ACC_TERRAFORM_PATH"); named != "" {
		return named
	}
	found, err := exec.LookPath("terraform")
	if err != nil {
		t.Fatalf("examples are applied with the real terraform: %v", err)
	}
	return found
}

// text is all that the workspace has of Terraform and shell.
func (w *workspace) text(t *testing.T) string {
	t.Helper()
	return textOf(t, w.folder)
}

// textOf is all Terraform and shell below a folder, without comments.
func textOf(t *testing.T, folder string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(folder, func(path string, _ os.DirEntry, err error) error {
		if err != nil || !slices.Contains([]string{".tf", ".hcl", ".sh"}, filepath.Ext(path)) {
			return err
		}
		content, err := os.ReadFile(path)
		for line := range strings.Lines(string(content)) {
			code, _, commented := strings.Cut(line, "#")
			all.WriteString(code)
			if commented {
				all.WriteByte('\n')
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

func (w *workspace) write(t *testing.T, name, content string) {
	t.Helper()
	mode := os.FileMode(0o600)
	if strings.HasPrefix(content, "#!") {
		mode = 0o700
	}
	if err := os.WriteFile(filepath.Join(w.folder, name), []byte(content), mode); err != nil {
		t.Fatal(err)
	}
}

// command prepares a terraform command in the workspace.
func (w *workspace) command(t *testing.T, name string, arguments ...string) *exec.Cmd {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, arguments...)
	command.Dir, command.Env = w.folder, slices.Clone(w.environment)
	return command
}

// run runs a terraform command that has to succeed.
func (w *workspace) run(t *testing.T, arguments ...string) {
	t.Helper()
	command := w.command(t, w.terraform, append(arguments, "-no-color")...)
	if said, err := command.CombinedOutput(); err != nil {
		t.Fatalf("terraform %s: %v\n%s", strings.Join(arguments, " "), err, said)
	}
}

// wantEmptyPlan plans again, with the clock an hour ahead so that a value that
// moves with it shows.
func (w *workspace) wantEmptyPlan(t *testing.T) {
	t.Helper()
	command := w.command(t, w.terraform, "plan", "-detailed-exitcode", "-no-color")
	command.Env = append(command.Env, clockAhead+"=1h")
	said, err := command.CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == 2 {
		t.Fatalf("the second plan is not empty:\n%s", said)
	}
	if err != nil {
		t.Fatalf("the second plan fails: %v\n%s", err, said)
	}
}

// importBlocks is the file of import blocks that the generator of the
// documentation looks for. It waits until there is something to import.
const importBlocks = "import-by-string-id.tf"

// importAgain forgets what import.sh imports and runs it word for word; then it
// forgets it once more and lets the import blocks do the same.
func (w *workspace) importAgain(t *testing.T) {
	t.Helper()
	script, err := os.ReadFile(filepath.Join(w.folder, "import.sh"))
	if errors.Is(err, os.ErrNotExist) {
		return
	}
	live := map[string]string{}
	for line := range bytes.Lines(script) {
		if words := strings.Fields(string(line)); len(words) > 2 && words[0] == "terraform" {
			live[words[2]] = w.fingerprint(t, words[2])
		}
	}
	w.forget(t, live)
	command := w.command(t, "sh", "-e", "import.sh")
	command.Env = append(command.Env, w.calledTerraform(t))
	if said, err := command.CombinedOutput(); err != nil {
		t.Fatalf("import.sh: %v\n%s", err, said)
	}
	w.wantAdopted(t, live)

	w.forget(t, live)
	if err := os.Rename(filepath.Join(w.folder, importBlocks+".later"), filepath.Join(w.folder, importBlocks)); err != nil {
		t.Fatal(err)
	}
	w.wantAdopted(t, live)
}

// calledTerraform is a search path that begins with what runs here, OpenTofu too,
// under the name of terraform: what people read calls it so.
func (w *workspace) calledTerraform(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.Symlink(w.terraform, filepath.Join(folder, "terraform")); err != nil {
		t.Fatal(err)
	}
	return "PATH=" + folder + string(os.PathListSeparator) + os.Getenv("PATH")
}

func (w *workspace) forget(t *testing.T, live map[string]string) {
	t.Helper()
	for address := range live {
		w.run(t, "state", "rm", address)
	}
}

// wantAdopted wants each certificate to be the one that it was. An issuer in the
// configuration is noted by the next apply; then there is nothing left to plan.
func (w *workspace) wantAdopted(t *testing.T, live map[string]string) {
	t.Helper()
	w.run(t, "apply", "-auto-approve")
	for address, fingerprint := range live {
		if now := w.fingerprint(t, address); now != fingerprint {
			t.Errorf("%s was imported with %q and is now %q", address, fingerprint, now)
		}
	}
	w.wantEmptyPlan(t)
}

// fingerprint is the line of the state that tells a resource's fingerprint; of a
// revocation list, which is signed anew now and then, its issuer's.
func (w *workspace) fingerprint(t *testing.T, address string) string {
	t.Helper()
	shown, err := w.command(t, w.terraform, "state", "show", "-no-color", address).Output()
	if err != nil {
		t.Fatalf("%s is not in the state: %v", address, err)
	}
	name := "fingerprint_sha256"
	if strings.HasPrefix(address, "mtls_revocation_list.") {
		name = "issuer_fingerprint_sha256"
	}
	for line := range strings.Lines(string(shown)) {
		if words := strings.Fields(line); len(words) > 0 && words[0] == name {
			return strings.Join(words, " ")
		}
	}
	t.Fatalf("%s has no fingerprint", address)
	return ""
}

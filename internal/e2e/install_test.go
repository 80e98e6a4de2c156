package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// A home is a user's, with what `make install` puts there.
type home struct {
	*workspace
	folder string
}

const needsMTLS = `terraform {
  required_providers {
    mtls = { source = "trustplane/mtls" }
  }
}
`

func newHome(t *testing.T) home {
	t.Helper()
	if testing.Short() {
		t.Skip("runs terraform: not in -short")
	}
	h := home{&workspace{t: t, folder: t.TempDir()}, t.TempDir()}
	h.environment = []string{"HOME=" + h.folder}
	h.write("main.tf", needsMTLS)
	return h
}

// install does what `make install` does after the build. It returns what is
// printed.
func (h home) install(binary string) string {
	h.t.Helper()
	command := exec.CommandContext(h.t.Context(), "../../scripts/install", binary, "0.1.0", runtime.GOOS+"_"+runtime.GOARCH,
		filepath.Join(h.folder, ".terraform.d", "plugins"), "registry.terraform.io", "registry.opentofu.org")
	command.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool { return strings.HasPrefix(variable, "TF_") })
	command.Env = append(command.Env, h.environment...)
	printed, err := command.CombinedOutput()
	if err != nil {
		h.t.Fatalf("install: %v\n%s", err, printed)
	}
	return string(printed)
}

// initialises runs terraform init as the user would: with the user's own settings
// and no others.
func (h home) initialises(arguments ...string) (string, error) {
	command := h.command(h.t.Context(), append([]string{"init", "-input=false"}, arguments...)...)
	command.Env = slices.DeleteFunc(command.Env, func(variable string) bool { return strings.HasPrefix(variable, "TF_CLI_CONFIG_FILE") })
	printed, err := command.CombinedOutput()
	return string(printed), err
}

// TestInstall: terraform init finds what was installed, in any folder.
func TestInstall(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	if printed := h.install(built(os.Getenv(mirrorVariable))); strings.Contains(printed, "warning") || strings.Contains(printed, "-upgrade") {
		t.Errorf("the first installation warns:\n%s", printed)
	}
	if printed, err := h.initialises(); err != nil {
		t.Errorf("not found: %v\n%s", err, printed)
	}
}

// TestInstallAgain: another build is refused in a folder that knows the first, and
// -upgrade does not help, since it is the same version. What the installation says
// does.
func TestInstallAgain(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.install(built(os.Getenv(mirrorVariable)))
	if printed, err := h.initialises(); err != nil {
		t.Fatalf("not found: %v\n%s", err, printed)
	}
	text := readFile(t, built(os.Getenv(mirrorVariable)))
	another := filepath.Join(t.TempDir(), "provider")
	if err := os.WriteFile(another, []byte(text+"another"), 0o700); err != nil { // it still runs
		t.Fatal(err)
	}
	const remedy = "rm .terraform.lock.hcl && terraform init -upgrade"
	if printed := h.install(another); !strings.Contains(printed, remedy) {
		t.Errorf("the second installation does not say what folders need:\n%s", printed)
	}
	for _, arguments := range [][]string{nil, {"-upgrade"}} {
		if printed, err := h.initialises(arguments...); err == nil || !strings.Contains(printed, "checksums") {
			t.Errorf("init %v takes another build of the same version: %v\n%s", arguments, err, printed)
		}
	}
	if err := os.Remove(filepath.Join(h.workspace.folder, ".terraform.lock.hcl")); err != nil {
		t.Fatal(err)
	}
	if printed, err := h.initialises("-upgrade"); err != nil {
		t.Errorf("%s: %v\n%s", remedy, err, printed)
	}
}

// TestInstallBesideProviderInstallation: settings that keep terraform from looking
// there are named, and what is printed makes it look.
func TestInstallBesideProviderInstallation(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	settings := filepath.Join(h.folder, ".terraformrc")
	others := t.TempDir()
	write := func(block string) {
		t.Helper()
		text := "# my settings\nprovider_installation {\n" + block + "}\n"
		if err := os.WriteFile(settings, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("  filesystem_mirror {\n    path = \"" + others + "\"\n  }\n")
	printed := h.install(built(os.Getenv(mirrorVariable)))
	if !strings.Contains(printed, settings+" has a provider_installation block") {
		t.Fatalf("the block goes unnoticed:\n%s", printed)
	}
	if said, err := h.initialises(); err == nil {
		t.Fatalf("found in spite of the block:\n%s", said)
	}
	method := regexp.MustCompile(`(?s)  filesystem_mirror \{.*?  \}\n`).FindString(printed)
	exclude := regexp.MustCompile(`exclude = .*`).FindString(printed)
	write(method + "  filesystem_mirror {\n    path = \"" + others + "\"\n    " + exclude + "\n  }\n")
	if said, err := h.initialises(); err != nil {
		t.Errorf("what is printed does not help: %v\n%s", err, said)
	}
	if printed := h.install(built(os.Getenv(mirrorVariable))); strings.Contains(printed, "warning") {
		t.Errorf("still warned:\n%s", printed)
	}
}

// Package e2e runs the built provider under the real terraform binary, against
// control planes that refuse and data planes that never stop connecting.
//
// Terraform's own clock is the machine's here, so certificates live for seconds
// or minutes. Everything stays on the loopback interface, below temporary
// folders. `go test -v` prints what was counted.
package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// The environment tells the tests where the built provider is.
const mirrorVariable = "MTLS_E2E_MIRROR"

func TestMain(m *testing.M) {
	mirror, err := os.MkdirTemp("", "mtls-e2e-")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(mirror) }()
	if err := buildInto(mirror); err != nil {
		panic(err)
	}
	if err := os.Setenv(mirrorVariable, mirror); err != nil {
		panic(err)
	}
	m.Run()
}

// buildInto makes mirror a filesystem mirror with the provider in it, for
// Terraform and for OpenTofu, and writes the CLI configuration that names it.
func buildInto(mirror string) error {
	const name = "terraform-provider-mtls_v0.1.0"
	built := filepath.Join(mirror, name)
	build := exec.Command("go", "build", "-o", built, "../..") //nolint:noctx // before any test, so of no test's context
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return err
	}
	for _, registry := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		folder := filepath.Join(mirror, registry, "trustplane", "mtls", "0.1.0", runtime.GOOS+"_"+runtime.GOARCH)
		if err := os.MkdirAll(folder, 0o750); err != nil {
			return err
		}
		if err := os.Link(built, filepath.Join(folder, name)); err != nil {
			return err
		}
	}
	return os.WriteFile(cliConfig(mirror), fmt.Appendf(nil, "provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror), 0o600)
}

func cliConfig(mirror string) string { return filepath.Join(mirror, "terraform.rc") }

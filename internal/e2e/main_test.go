// Package e2e runs the built provider under the real terraform binary, against
// control planes that refuse and data planes that never stop connecting.
//
// Terraform's own clock is the machine's here, so certificates live for seconds
// or minutes. Everything stays on the loopback interface, below temporary
// folders. `go test -v` prints what was counted.
package e2e

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/seeds"
	"github.com/trustplane/terraform-provider-mtls/internal/standin"
)

// The environment tells the tests where the built provider is.
const mirrorVariable = "MTLS_E2E_MIRROR"

func TestMain(m *testing.M) {
	moreAtOnce()
	if err := seeds.Terraform(); err != nil {
		panic(err)
	}
	debug.SetGCPercent(400) // as in the release: the fleets of two sides allocate by the gigabyte
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

// moreAtOnce has twice as many tests run at once as there are processors, unless
// the command line says how many: more than half of what they take is waiting, for
// certificates that end and for data planes that restart late.
func moreAtOnce() {
	flag.Parse()
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "test.parallel" })
	if asked {
		return
	}
	if err := flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0))); err != nil {
		panic(err)
	}
}

// buildInto makes mirror a filesystem mirror with the provider in it, and a
// stand-in for each provider that compositions use besides, for Terraform and for
// OpenTofu, and writes the CLI configuration that names it. All tests share it: each
// build links two programs anew, and each command of Terraform reads all that it
// installs, so that debugging symbols would cost a third more.
func buildInto(mirror string) error {
	build := exec.Command("go", "build", "-ldflags", "-s -w", "-o", mirror+string(filepath.Separator), "../..", "../standin/command") //nolint:noctx // before any test, so of no test's context
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return err
	}
	replaced := filepath.Join(mirror, "command")
	links := [][3]string{{built(mirror), "trustplane/mtls", "0.1.0"}, {replaced, "kong/konnect", replacingKonnect}}
	for _, source := range standin.Sources() {
		links = append(links, [3]string{replaced, source, "99.0.0"}) // beyond what any composition asks for at least
	}
	if err := os.Mkdir(sockets(mirror), 0o700); err != nil {
		return err
	}
	for _, link := range links {
		if err := mirrored(mirror, link[0], link[1], link[2]); err != nil {
			return err
		}
	}
	return os.WriteFile(cliConfig(mirror), fmt.Appendf(nil, "provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror), 0o600)
}

// mirrored makes what was built a version of a provider, for both registries.
func mirrored(mirror, built, source, version string) error {
	for _, registry := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		folder := filepath.Join(mirror, registry, filepath.FromSlash(source), version, runtime.GOOS+"_"+runtime.GOARCH)
		if err := os.MkdirAll(folder, 0o750); err != nil {
			return err
		}
		if err := os.Link(built, filepath.Join(folder, "terraform-provider-"+filepath.Base(source)+"_v"+version)); err != nil {
			return err
		}
	}
	return nil
}

// built is the provider in mirror, under the name that a build has.
func built(mirror string) string { return filepath.Join(mirror, "terraform-provider-mtls") }

// sockets is where the providers make theirs. One that is killed leaves it behind.
func sockets(mirror string) string { return filepath.Join(mirror, "sockets") }

func cliConfig(mirror string) string { return filepath.Join(mirror, "terraform.rc") }

package examples

import (
	"context"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/provider"
	"github.com/trustplane/terraform-provider-mtls/internal/seeds"
	"github.com/trustplane/terraform-provider-mtls/internal/server"
	"github.com/trustplane/terraform-provider-mtls/internal/standin"
)

// clockAhead is the environment variable that says how far the clock of a
// provider is ahead of the machine's.
const clockAhead = "EXAMPLES_CLOCK_AHEAD"

// pluginPrefix is what the name of every provider's executable begins with.
const pluginPrefix = "terraform-provider-"

// TestMain lets the test executable be the providers too: called by the name of
// one, it serves that one. So what runs is what was compiled, and nothing is
// built or downloaded on the side.
func TestMain(m *testing.M) {
	name, called := strings.CutPrefix(filepath.Base(os.Args[0]), pluginPrefix)
	if !called {
		if err := seeds.Terraform(); err != nil {
			log.Fatal(err)
		}
		m.Run()
		return
	}
	if err := serve(name); err != nil {
		log.Fatal(err)
	}
}

// serve is the provider under test, or the stand-in that the name asks for.
func serve(name string) error {
	if strings.HasPrefix(name, "mtls_") {
		return server.Serve("registry.terraform.io/"+underTest, provider.New(providerVersion, clock)(), false)
	}
	return standin.Serve(context.Background(), os.Args[0], os.Getenv(standin.Folder))
}

// underTest is the provider that is no stand-in.
const underTest = "trustplane/mtls"

const providerVersion = "9.9.9"

func clock() time.Time {
	ahead, err := time.ParseDuration(os.Getenv(clockAhead))
	if err != nil {
		ahead = 0
	}
	return time.Now().Add(ahead)
}

// A mirror is a folder of providers, from which alone terraform may take them.
type mirror struct{ settings string }

func newMirror(t *testing.T) mirror {
	t.Helper()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	plugins := filepath.Join(folder, "plugins")
	for _, source := range append(standin.Sources(), underTest) {
		for _, registry := range []string{"registry.terraform.io", "registry.opentofu.org"} {
			home := filepath.Join(plugins, registry, filepath.FromSlash(source), providerVersion, runtime.GOOS+"_"+runtime.GOARCH)
			if err := os.MkdirAll(home, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(executable, filepath.Join(home, pluginPrefix+filepath.Base(source)+"_v"+providerVersion)); err != nil {
				t.Fatal(err)
			}
		}
	}
	settings := filepath.Join(folder, "terraform.rc")
	text := "provider_installation {\n  filesystem_mirror {\n    path = \"" + filepath.ToSlash(plugins) + "\"\n  }\n}\n"
	if err := os.WriteFile(settings, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return mirror{settings}
}

// environment is the surrounding one without what is about somebody else's
// configuration.
func (m mirror) environment() []string {
	var environment []string
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "TF_") {
			environment = append(environment, variable)
		}
	}
	return append(environment, "TF_CLI_CONFIG_FILE="+m.settings, "TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1")
}

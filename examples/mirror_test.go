package examples

import (
	"log"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	frameworkprovider "github.com/hashicorp/terraform-plugin-framework/provider"

	"github.com/trustplane/terraform-provider-mtls/internal/provider"
	"github.com/trustplane/terraform-provider-mtls/internal/server"
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
		m.Run()
		return
	}
	name, _, _ = strings.Cut(name, "_")
	served := providers()[name]
	if err := server.Serve("registry.terraform.io/"+served.source, served.make(), false); err != nil {
		log.Fatal(err)
	}
}

// A servedProvider is a provider that this executable can be.
type servedProvider struct {
	source string
	make   func() frameworkprovider.Provider
}

// providers are the one under test, and stand-ins for those that the examples
// use besides.
func providers() map[string]servedProvider {
	return map[string]servedProvider{
		"mtls":       {"trustplane/mtls", provider.New(providerVersion, clock)},
		"konnect":    {"kong/konnect", newKonnect},
		"kubernetes": {"hashicorp/kubernetes", newKubernetes},
		"tls":        {"hashicorp/tls", newTLS},
		"vault":      {"hashicorp/vault", newVault},
	}
}

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
	for name, served := range providers() {
		for _, registry := range []string{"registry.terraform.io", "registry.opentofu.org"} {
			home := filepath.Join(plugins, registry, filepath.FromSlash(served.source), providerVersion, runtime.GOOS+"_"+runtime.GOARCH)
			if err := os.MkdirAll(home, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(executable, filepath.Join(home, pluginPrefix+name+"_v"+providerVersion)); err != nil {
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

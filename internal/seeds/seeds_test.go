package seeds_test

import (
	"flag"
	"os"
	"testing"

	"pgregory.net/rapid"

	"github.com/trustplane/terraform-provider-mtls/internal/seeds"
)

func TestMain(m *testing.M) {
	seeds.Fix(map[string]string{"rapid.checks": "7"})
	m.Run()
}

// TestFix shows that the flags of rapid are what [seeds.Fix] says.
func TestFix(t *testing.T) {
	if os.Getenv(seeds.Variable) == "" && flag.Lookup("rapid.seed").Value.String() == "0" {
		t.Error("the seed is random")
	}
	drawn := 0
	rapid.Check(t, func(*rapid.T) { drawn++ })
	if checks := flag.Lookup("rapid.checks").Value.String(); checks == "7" && drawn != 7 {
		t.Errorf("%d cases were drawn", drawn)
	}
}

// TestNumber shows that random seeds ask for more.
func TestNumber(t *testing.T) {
	for random, want := range map[string]int{"": 3, "1": 400} {
		t.Setenv(seeds.Variable, random)
		if got := seeds.Number(3, 400); got != want {
			t.Errorf("%s=%q: %d cases, want %d", seeds.Variable, random, got, want)
		}
	}
}

// TestTerraform shows that what the environment says about garbage stays.
func TestTerraform(t *testing.T) {
	for before, want := range map[string]string{"": "off", "50": "50"} {
		t.Setenv("GOMEMLIMIT", "")
		t.Setenv("GOGC", before)
		if err := seeds.Terraform(); err != nil {
			t.Fatal(err)
		}
		if got := os.Getenv("GOGC"); got != want {
			t.Errorf("GOGC is %q, want %q", got, want)
		}
		if bounded := os.Getenv("GOMEMLIMIT") != ""; bounded != (before == "") {
			t.Errorf("GOGC=%q: GOMEMLIMIT is %q", before, os.Getenv("GOMEMLIMIT"))
		}
	}
}

// TestFixKnowsTheFlags shows that a flag that does not exist is not missed.
func TestFixKnowsTheFlags(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a flag that does not exist was set")
		}
	}()
	seeds.Fix(map[string]string{"rapid.nothing": "1"})
}

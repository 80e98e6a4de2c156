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

// TestFixKnowsTheFlags shows that a flag that does not exist is not missed.
func TestFixKnowsTheFlags(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a flag that does not exist was set")
		}
	}()
	seeds.Fix(map[string]string{"rapid.nothing": "1"})
}

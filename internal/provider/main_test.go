package provider

import (
	"runtime/debug"
	"strconv"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/seeds"
)

func TestMain(m *testing.M) {
	seeds.Fix(map[string]string{"rapid.checks": strconv.Itoa(seeds.Number(40, 400))})
	if err := seeds.Terraform(); err != nil {
		panic(err)
	}
	debug.SetGCPercent(400) // as in the release: see internal/server
	m.Run()
}

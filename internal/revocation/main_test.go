package revocation

import (
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/seeds"
)

func TestMain(m *testing.M) {
	seeds.Fix(map[string]string{"rapid.checks": "150"})
	m.Run()
}

package lifecycle_test

import (
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/seeds"
)

func TestMain(m *testing.M) {
	seeds.Fix(nil)
	m.Run()
}

package provider

import (
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/trustplane/terraform-provider-mtls/internal/server"
)

// A stepClock stands still until a test moves it.
type stepClock struct {
	mutex sync.Mutex
	now   time.Time
	read  func() // called by Now; nil for nothing
}

func newStepClock() *stepClock { return &stepClock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

func (c *stepClock) Now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.read != nil {
		c.read()
	}
	return c.now
}

// onNow lets something happen whenever the clock is read.
func (c *stepClock) onNow(read func()) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.read = read
}

func (c *stepClock) Step(by time.Duration) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.now = c.now.Add(by)
}

// factory serves the provider as the command does, with another clock.
func factory(clock func() time.Time) func() (tfprotov6.ProviderServer, error) {
	return func() (tfprotov6.ProviderServer, error) { return server.New(New("test", clock)()) }
}

// terraform runs the steps against the real terraform binary, with a provider
// whose clock is clock.
func terraform(t *testing.T, clock func() time.Time, steps ...resource.TestStep) {
	t.Helper()
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.RequireAbove(tfversion.Version1_11_0)},
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"mtls": factory(clock),
		},
		Steps: steps,
	})
}

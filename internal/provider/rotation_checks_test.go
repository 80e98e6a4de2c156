package provider

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// set puts the clock at instant.
func (c *stepClock) set(instant time.Time) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.now = instant
}

// onlyUnknown expects exactly these attributes to be unknown in the plan, be it
// whole or in part.
type onlyUnknown struct {
	address    string
	attributes []string
}

func (check onlyUnknown) CheckPlan(_ context.Context, request plancheck.CheckPlanRequest, response *plancheck.CheckPlanResponse) {
	_, unknown, err := plannedValues(request, check.address)
	if err != nil {
		response.Error = err
		return
	}
	var found []string
	for name, value := range unknown {
		if name != "trusted_certificates_pem" && holdsTrue(value) {
			found = append(found, name)
		}
	}
	want := slices.Sorted(slices.Values(check.attributes))
	if slices.Sort(found); !slices.Equal(found, want) {
		response.Error = fmt.Errorf("%s: unknown in the plan are\n%q, want\n%q", check.address, found, want)
	}
}

func holdsTrue(value any) bool {
	switch value := value.(type) {
	case bool:
		return value
	case map[string]any:
		for _, element := range value {
			if holdsTrue(element) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(value, holdsTrue)
	}
	return false
}

// trustedKeys expects these keys of trusted_certificates_pem to be known in the
// plan, with the value of all but unknown.
type trustedKeys struct {
	address string
	keys    []string
	unknown string
}

func (check trustedKeys) CheckPlan(_ context.Context, request plancheck.CheckPlanRequest, response *plancheck.CheckPlanResponse) {
	after, unknowns, err := plannedValues(request, check.address)
	if err != nil {
		response.Error = err
		return
	}
	values, _ := after["trusted_certificates_pem"].(map[string]any)
	unknown, _ := unknowns["trusted_certificates_pem"].(map[string]any)
	var found []string
	for key := range values {
		found = append(found, key)
	}
	for key := range unknown {
		if key != check.unknown {
			response.Error = fmt.Errorf("%s: generation %s is unknown in the plan", check.address, key)
		}
		if !slices.Contains(found, key) {
			found = append(found, key)
		}
	}
	if slices.Sort(found); !slices.Equal(found, check.keys) {
		response.Error = fmt.Errorf("%s: the plan trusts generations %q, want %q", check.address, found, check.keys)
	}
}

// plannedValues are the values of a resource in a plan, and which are unknown.
func plannedValues(request plancheck.CheckPlanRequest, address string) (after, unknown map[string]any, err error) {
	for _, resource := range request.Plan.ResourceChanges {
		if resource.Address == address {
			after, _ = resource.Change.After.(map[string]any)
			unknown, _ = resource.Change.AfterUnknown.(map[string]any)
			return after, unknown, nil
		}
	}
	return nil, nil, fmt.Errorf("no %s in the plan", address)
}

// sameValue expects a value to be the same in every step.
type sameValue struct{}

func (sameValue) CompareValues(values ...any) error {
	for _, value := range values[1:] {
		if value != values[0] {
			return fmt.Errorf("%v, and before it %v", value, values[0])
		}
	}
	return nil
}

// refreshedTo expects an attribute to have this value once the state is
// refreshed, whatever is planned then.
type refreshedTo struct {
	address   string
	attribute string
	value     any
}

func (check refreshedTo) CheckPlan(_ context.Context, request plancheck.CheckPlanRequest, response *plancheck.CheckPlanResponse) {
	for _, resource := range request.Plan.ResourceChanges {
		if resource.Address != check.address {
			continue
		}
		before, _ := resource.Change.Before.(map[string]any)
		if before[check.attribute] != check.value {
			response.Error = fmt.Errorf("%s: %s is refreshed to %v, want %v", check.address, check.attribute, before[check.attribute], check.value)
		}
		return
	}
	response.Error = fmt.Errorf("no %s in the plan", check.address)
}

// broughtPin is a certificate of a hundred days from start, as PEM.
func broughtPin(t *testing.T, start time.Time) string {
	t.Helper()
	return pkitest.Build(t, "edge", pkitest.With("edge", pkitest.Valid(start, start.Add(100*day)))).PEM("edge")
}

// saying matches a message however it is wrapped into lines.
func saying(message string) *regexp.Regexp {
	return regexp.MustCompile("(?s)" + strings.ReplaceAll(message, " ", `\s+`))
}

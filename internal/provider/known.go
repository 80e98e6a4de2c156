package provider

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/lifecycle"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

// knownOr is what write makes of a value of the engine; unknown if a plan does not
// know it yet.
func knownOr[T, A any](from lifecycle.Value[T], write func(T) A, unknown A) A {
	if known, is := from.Get(); is {
		return write(known)
	}
	return unknown
}

// clockModel are the outputs that move with the clock, of a resource whose outputs
// are not those of the table [outputs].
type clockModel struct {
	RenewalAt  timetypes.RFC3339 `tfsdk:"renewal_at"`
	RenewalDue types.Bool        `tfsdk:"renewal_due"`
}

// moveClock writes what the clock says, and reports whether that is news.
func (m *clockModel) moveClock(at lifecycle.Value[time.Time], due lifecycle.Value[bool]) (moved bool) {
	before := *m
	m.RenewalAt, m.RenewalDue = knownOr(at, tfvalue.NewInstant, timetypes.NewRFC3339Unknown()), knownOr(due, types.BoolValue, types.BoolUnknown())
	return !m.RenewalAt.Equal(before.RenewalAt) || !m.RenewalDue.Equal(before.RenewalDue)
}

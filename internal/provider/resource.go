package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trustplane/terraform-provider-mtls/internal/lifecycle"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

// A trio is the three models that a plan or an apply is asked about. The state is
// nil for a resource that is to be created.
type trio[M any] struct{ config, plan, state *M }

// readModel reads a model out of the values of a configuration, plan or state.
func readModel[M any](ctx context.Context, codec *tfvalue.Codec, from tftypes.Value, schema tfvalue.Typed, diagnostics *diag.Diagnostics) *M {
	read := new(M)
	codec.Decode(ctx, from, schema, read, diagnostics)
	return read
}

func readTrio[M any](ctx context.Context, codec *tfvalue.Codec, config tfsdk.Config, plan tfsdk.Plan, state tfsdk.State, diagnostics *diag.Diagnostics) trio[M] {
	all := trio[M]{
		config: readModel[M](ctx, codec, config.Raw, config.Schema, diagnostics),
		plan:   readModel[M](ctx, codec, plan.Raw, plan.Schema, diagnostics),
	}
	if state.Schema != nil && !state.Raw.IsNull() {
		all.state = readModel[M](ctx, codec, state.Raw, state.Schema, diagnostics)
	}
	return all
}

// blankModel reads a model with every attribute null out of a state that holds
// nothing yet: that of an import.
func blankModel[M any](ctx context.Context, codec *tfvalue.Codec, state *tfsdk.State, diagnostics *diag.Diagnostics) *M {
	// A first attribute makes an object of the state.
	diagnostics.Append(state.SetAttribute(ctx, path.Root("generation"), types.Int64Value(1))...)
	return readModel[M](ctx, codec, state.Raw, state.Schema, diagnostics)
}

// An application is what the creation and the update of a resource have in common.
// On an error neither the state nor private state is written.
type application struct {
	config      tfsdk.Config
	plan        tfsdk.Plan
	state       tfsdk.State // before; the zero State for a creation
	private     privateState
	into        *tfsdk.State
	diagnostics *diag.Diagnostics
}

func toCreate(request resource.CreateRequest, response *resource.CreateResponse) application {
	return application{
		config: request.Config, plan: request.Plan,
		private: response.Private, into: &response.State, diagnostics: &response.Diagnostics,
	}
}

func toUpdate(request resource.UpdateRequest, response *resource.UpdateResponse) application {
	return application{
		config: request.Config, plan: request.Plan, state: request.State,
		private: response.Private, into: &response.State, diagnostics: &response.Diagnostics,
	}
}

// A planning decides on one instant at a time, and writes the plan.
type planning struct {
	// decide writes the plan unless a problem is an error. It returns the instant
	// that came due after the one that it decided on, and whether there is one.
	decide func(at time.Time, problems *lifecycle.Problems) (due time.Time, overdue bool)
	// unchanged reports whether what was written is the state.
	unchanged func() bool
	report    func(*lifecycle.Problems)
}

// from plans on the instant at, which is the recorded one, and where that would
// change nothing on an instant that has come since. It returns the one that was
// decided on, and reports its problems only.
func (p planning) from(at time.Time, diagnostics *diag.Diagnostics) time.Time {
	for {
		var problems lifecycle.Problems
		due, overdue := p.decide(at, &problems)
		if !overdue || problems.Failed() || diagnostics.HasError() || !p.unchanged() {
			p.report(&problems)
			return at
		}
		at = due
	}
}

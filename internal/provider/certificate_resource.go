package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/trustplane/terraform-provider-mtls/internal/lifecycle"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

// certificateResource is the life of a certificate in Terraform, the same for
// all three kinds: decode, ask package lifecycle, encode. M is the model of the
// kind, which embeds it.
type certificateResource[M any, P interface {
	*M
	model
}] struct{ environment }

// get reads a model out of the values of a configuration, plan or state.
func (r *certificateResource[M, P]) get(ctx context.Context, from tftypes.Value, schema tfvalue.Typed, diagnostics *diag.Diagnostics) P {
	return P(readModel[M](ctx, r.codec, from, schema, diagnostics))
}

// models are a [trio] of any of the three kinds.
type models struct{ config, plan, state model }

func (r *certificateResource[M, P]) models(ctx context.Context, config tfsdk.Config, plan tfsdk.Plan, state tfsdk.State, diagnostics *diag.Diagnostics) models {
	read := readTrio[M](ctx, r.codec, config, plan, state, diagnostics)
	all := models{config: P(read.config), plan: P(read.plan)}
	if read.state != nil {
		all.state = P(read.state)
	}
	return all
}

// ModifyPlan decides what becomes of the certificate.
func (r *certificateResource[M, P]) ModifyPlan(ctx context.Context, request resource.ModifyPlanRequest, response *resource.ModifyPlanResponse) {
	if request.Plan.Raw.IsNull() {
		return
	}
	all := r.models(ctx, request.Config, request.Plan, request.State, &response.Diagnostics)
	if response.Diagnostics.HasError() {
		return
	}
	d := all.decode(ctx, request.Private, r.environment, &response.Diagnostics)
	if d == nil {
		return
	}
	unchanged := func() bool { return response.Plan.Raw.Equal(request.State.Raw) }
	at := d.plan(unchanged, func(results []lifecycle.Result) {
		if results[0].Action == lifecycle.Rotate {
			generation, _ := results[0].Generation.Get()
			tflog.Info(ctx, "planned a new certificate", map[string]any{"generation": generation, "reasons": results[0].Reasons})
		}
		all.encode(results[0])
		r.codec.Encode(ctx, &response.Plan.Raw, response.Plan.Schema, all.plan, &response.Diagnostics)
	}, &response.Diagnostics)
	if all.state != nil {
		d.writePlanned(ctx, response.Private, d.Slots[0].Prior.Origin, at, &response.Diagnostics)
	}
}

// plan decides, and lets write take the results. It returns the instant that was
// decided on.
func (d *decoded) plan(unchanged func() bool, write func([]lifecycle.Result), diagnostics *diag.Diagnostics) time.Time {
	return planning{
		decide: func(at time.Time, problems *lifecycle.Problems) (time.Time, bool) {
			results := d.Plan(at, problems)
			if problems.Failed() {
				return time.Time{}, false
			}
			write(results)
			return d.Overdue(results, at)
		},
		unchanged: unchanged,
		report:    func(problems *lifecycle.Problems) { d.report(problems, diagnostics) },
	}.from(d.Record.DecidedAt(d.Now), diagnostics)
}

// writePlanned writes the record that goes with a plan to its apply, if it differs
// from what is recorded.
func (d *decoded) writePlanned(ctx context.Context, private privateState, origin lifecycle.Origin, at time.Time, diagnostics *diag.Diagnostics) {
	if !diagnostics.HasError() && !d.Record.IsPlanned(origin, at) {
		writeRecord(ctx, private, d.Record.Planned(origin, d.fingerprints, at), diagnostics)
	}
}

// Create makes the first certificate.
func (r *certificateResource[M, P]) Create(ctx context.Context, request resource.CreateRequest, response *resource.CreateResponse) {
	r.apply(ctx, toCreate(request, response))
}

// Update makes the next certificate, or keeps the one there is.
func (r *certificateResource[M, P]) Update(ctx context.Context, request resource.UpdateRequest, response *resource.UpdateResponse) {
	r.apply(ctx, toUpdate(request, response))
}

// apply carries out what the plan says.
func (r *certificateResource[M, P]) apply(ctx context.Context, a application) {
	all := r.models(ctx, a.config, a.plan, a.state, a.diagnostics)
	if a.diagnostics.HasError() {
		return
	}
	d := all.decode(ctx, a.private, r.environment, a.diagnostics)
	if d == nil {
		return
	}
	var problems lifecycle.Problems
	results, record := d.Apply(ctx, all.promise(d), nil, &problems)
	d.report(&problems, a.diagnostics)
	if a.diagnostics.HasError() {
		return
	}
	if results[0].Action == lifecycle.Rotate {
		logIssued(ctx, results[0])
	}
	planned := all.plan.certificate().Outputs
	all.plan.certificate().Outputs = tfvalue.Rest{}
	all.encode(results[0])
	keepToPlan(all.plan.certificate().Outputs, planned)
	r.codec.Encode(ctx, &a.into.Raw, a.into.Schema, all.plan, a.diagnostics)
	writeRecord(ctx, a.private, record, a.diagnostics)
}

func logIssued(ctx context.Context, result lifecycle.Result) {
	certificate, _ := result.Certificate.Get()
	generation, _ := result.Generation.Get()
	tflog.Info(ctx, "issued a certificate", map[string]any{
		"subject":            pki.SubjectOf(certificate),
		"serial_number":      pki.SerialNumber(certificate),
		"fingerprint_sha256": pki.FingerprintSHA256(certificate),
		"generation":         generation,
	})
}

// Read moves what the clock says of the certificate; the state is the only
// place where it exists.
func (r *certificateResource[M, P]) Read(ctx context.Context, request resource.ReadRequest, response *resource.ReadResponse) {
	state := r.get(ctx, request.State.Raw, request.State.Schema, &response.Diagnostics)
	if response.Diagnostics.HasError() {
		return
	}
	d := fromState(ctx, state, request.Private, r.clock(), &response.Diagnostics)
	if d == nil {
		return
	}
	results, record, changed := d.Refresh()
	if moveClock(state.certificate().Outputs, results[0]) {
		r.codec.Encode(ctx, &response.State.Raw, response.State.Schema, state, &response.Diagnostics)
	}
	if changed {
		writeRecord(ctx, response.Private, record.Planned(d.Slots[0].Prior.Origin, d.fingerprints, record.Observed), &response.Diagnostics)
	}
}

// Delete forgets the certificate. There is nothing to undo: what was issued
// stays valid until its end.
func (r *certificateResource[M, P]) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
}

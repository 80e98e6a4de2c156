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
	"github.com/trustplane/terraform-provider-mtls/internal/signer"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

// certificateResource is the life of a certificate in Terraform, the same for
// all three kinds: decode, ask package lifecycle, encode. M is the model of the
// kind, which embeds it.
type certificateResource[M any, P interface {
	*M
	model
}] struct {
	clock    func() time.Time
	codec    *tfvalue.Codec
	programs *signer.Programs
}

// get reads a model out of the values of a configuration, plan or state.
func (r *certificateResource[M, P]) get(ctx context.Context, from tftypes.Value, schema tfvalue.Typed, diagnostics *diag.Diagnostics) P {
	read := P(new(M))
	r.codec.Decode(ctx, from, schema, read, diagnostics)
	return read
}

// models are the three that a plan or an apply is asked about; state is nil for a
// resource that is to be created.
type models struct{ config, plan, state model }

func (r *certificateResource[M, P]) models(ctx context.Context, config tfsdk.Config, plan tfsdk.Plan, state tfsdk.State, diagnostics *diag.Diagnostics) models {
	all := models{
		config: r.get(ctx, config.Raw, config.Schema, diagnostics),
		plan:   r.get(ctx, plan.Raw, plan.Schema, diagnostics),
	}
	if state.Schema != nil && !state.Raw.IsNull() {
		all.state = r.get(ctx, state.Raw, state.Schema, diagnostics)
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
	d := decode(ctx, all.config, all.plan, all.state, request.Private, r.clock(), r.programs, &response.Diagnostics)
	if d == nil {
		return
	}
	unchanged := func() bool { return response.Plan.Raw.Equal(request.State.Raw) }
	at := d.plan(unchanged, func(results []lifecycle.Result) {
		if results[0].Action == lifecycle.Rotate {
			generation, _ := results[0].Generation.Get()
			tflog.Info(ctx, "planned a new certificate", map[string]any{"generation": generation, "reasons": results[0].Reasons})
		}
		encode(results[0], all.config, all.plan, all.state)
		r.codec.Encode(ctx, &response.Plan.Raw, response.Plan.Schema, all.plan, &response.Diagnostics)
	}, &response.Diagnostics)
	if all.state != nil {
		d.writePlanned(ctx, response.Private, d.Slots[0].Prior.Origin, at, &response.Diagnostics)
	}
}

// plan decides, and lets write take the results. It returns the instant that was
// decided on: where the plan is then unchanged from the state, that may be one
// that has come since the last refresh.
func (d *decoded) plan(unchanged func() bool, write func([]lifecycle.Result), diagnostics *diag.Diagnostics) time.Time {
	at := d.Record.DecidedAt(d.Now)
	for {
		var problems lifecycle.Problems
		results := d.Plan(at, &problems)
		if problems.Failed() {
			d.report(&problems, diagnostics)
			return at
		}
		write(results)
		due, overdue := d.Overdue(results, at)
		if !overdue || diagnostics.HasError() || !unchanged() {
			d.report(&problems, diagnostics)
			return at
		}
		at = due
	}
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
	r.apply(ctx, request.Config, request.Plan, tfsdk.State{}, response.Private, &response.State, &response.Diagnostics)
}

// Update makes the next certificate, or keeps the one there is.
func (r *certificateResource[M, P]) Update(ctx context.Context, request resource.UpdateRequest, response *resource.UpdateResponse) {
	r.apply(ctx, request.Config, request.Plan, request.State, response.Private, &response.State, &response.Diagnostics)
}

// apply carries out what the plan says, and writes state and private state. On an
// error both stay as they are.
func (r *certificateResource[M, P]) apply(
	ctx context.Context, config tfsdk.Config, plan tfsdk.Plan, prior tfsdk.State, private privateState, into *tfsdk.State, diagnostics *diag.Diagnostics,
) {
	all := r.models(ctx, config, plan, prior, diagnostics)
	if diagnostics.HasError() {
		return
	}
	d := decode(ctx, all.config, all.plan, all.state, private, r.clock(), r.programs, diagnostics)
	if d == nil {
		return
	}
	var problems lifecycle.Problems
	results, record := d.Apply(ctx, promiseOf(all.plan, all.state, d), nil, &problems)
	d.report(&problems, diagnostics)
	if diagnostics.HasError() {
		return
	}
	if results[0].Action == lifecycle.Rotate {
		logIssued(ctx, results[0])
	}
	planned := all.plan.certificate().Outputs
	all.plan.certificate().Outputs = tfvalue.Rest{}
	encode(results[0], all.config, all.plan, all.state)
	keepToPlan(all.plan.certificate().Outputs, planned)
	r.codec.Encode(ctx, &into.Raw, into.Schema, all.plan, diagnostics)
	writeRecord(ctx, private, record, diagnostics)
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

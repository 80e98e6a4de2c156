package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// certificateResource is the life of a certificate in Terraform, the same for
// all three kinds. M is the model of the kind, which embeds it.
type certificateResource[M any, P interface {
	*M
	model
}] struct {
	clock   func() time.Time
	layouts *layouts
}

// get reads a model out of the values of a configuration, plan or state.
func (r *certificateResource[M, P]) get(ctx context.Context, from tftypes.Value, schema typed, diagnostics *diag.Diagnostics) P {
	read := P(new(M))
	r.layouts.read(ctx, from, schema, read, diagnostics)
	return read
}

// ModifyPlan decides what becomes of the certificate.
func (r *certificateResource[M, P]) ModifyPlan(ctx context.Context, request resource.ModifyPlanRequest, response *resource.ModifyPlanResponse) {
	if request.Plan.Raw.IsNull() {
		return
	}
	plan := r.get(ctx, request.Plan.Raw, request.Plan.Schema, &response.Diagnostics)
	c := r.change(ctx, request.Config, plan, request.State, request.Private, &response.Diagnostics)
	if c == nil {
		return
	}
	write := func() {
		c.writePlan(ctx)
		if !response.Diagnostics.HasError() {
			r.layouts.write(ctx, &response.Plan.Raw, response.Plan.Schema, plan, &response.Diagnostics)
		}
	}
	write()
	if !response.Diagnostics.HasError() && response.Plan.Raw.Equal(request.State.Raw) && c.overdue() {
		write()
	}
}

// Create makes the first certificate.
func (r *certificateResource[M, P]) Create(ctx context.Context, request resource.CreateRequest, response *resource.CreateResponse) {
	plan := r.get(ctx, request.Plan.Raw, request.Plan.Schema, &response.Diagnostics)
	c := r.change(ctx, request.Config, plan, tfsdk.State{}, nil, &response.Diagnostics)
	if c == nil {
		return
	}
	c.memory.observe(c.now)
	c.apply(ctx)
	if response.Diagnostics.HasError() {
		return
	}
	r.layouts.write(ctx, &response.State.Raw, response.State.Schema, plan, &response.Diagnostics)
	c.memory.write(ctx, response.Private, &response.Diagnostics)
}

// Update makes the next certificate, or keeps the one there is.
func (r *certificateResource[M, P]) Update(ctx context.Context, request resource.UpdateRequest, response *resource.UpdateResponse) {
	plan := r.get(ctx, request.Plan.Raw, request.Plan.Schema, &response.Diagnostics)
	c := r.change(ctx, request.Config, plan, request.State, request.Private, &response.Diagnostics)
	if c == nil {
		return
	}
	c.memory.observe(c.now)
	c.apply(ctx)
	if response.Diagnostics.HasError() {
		return
	}
	r.layouts.write(ctx, &response.State.Raw, response.State.Schema, plan, &response.Diagnostics)
	c.memory.write(ctx, response.Private, &response.Diagnostics)
}

// change reads one resource's way from state to configuration; nil if there is
// something that cannot be read, which is told.
func (r *certificateResource[M, P]) change(
	ctx context.Context, config tfsdk.Config, plan P, prior tfsdk.State, private privateReader, diagnostics *diag.Diagnostics,
) *change {
	configured := r.get(ctx, config.Raw, config.Schema, diagnostics)
	var state model
	var remembered memory
	if prior.Schema != nil && !prior.Raw.IsNull() {
		state = r.get(ctx, prior.Raw, prior.Schema, diagnostics)
		remembered = readMemory(ctx, private, diagnostics)
	}
	if diagnostics.HasError() {
		return nil
	}
	c := newChange(configured, plan, state, remembered, r.clock(), diagnostics)
	if diagnostics.HasError() {
		return nil
	}
	return c
}

// Read moves what the clock says of the certificate; the state is the only
// place where it exists.
func (r *certificateResource[M, P]) Read(ctx context.Context, request resource.ReadRequest, response *resource.ReadResponse) {
	state := r.get(ctx, request.State.Raw, request.State.Schema, &response.Diagnostics)
	if response.Diagnostics.HasError() {
		return
	}
	m := state.certificate()
	if _, err := pki.ParseCertificate(m.CertificatePEM.ValueString()); err != nil {
		addDamagedState(&response.Diagnostics, err)
		return
	}
	remembered := readMemory(ctx, request.Private, &response.Diagnostics)
	timeline, now := remembered.timeline(state), r.clock()
	policy := policyOf(state, timeline.Active, newReader(), madeElsewhere(state))
	m.setRenewal(policy, timeline.Active, now)
	r.layouts.write(ctx, &response.State.Raw, response.State.Schema, state, &response.Diagnostics)
	if remembered.outdated(timeline, policy, now) {
		remembered.observe(now)
		remembered.write(ctx, response.Private, &response.Diagnostics)
	}
}

// madeElsewhere reports whether a state's certificate was brought: nothing in
// the state asks for one to be made.
func madeElsewhere(state model) bool {
	return state.certificate().Subject.IsNull() && state.csr().IsNull() && !state.named()
}

// Delete forgets the certificate. There is nothing to undo: what was issued
// stays valid until its end.
func (r *certificateResource[M, P]) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
}

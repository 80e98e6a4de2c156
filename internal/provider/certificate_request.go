package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/lifecycle"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

// certificateRequestModel is the configuration, the plan or the state of a request.
type certificateRequestModel struct {
	generatedModel
	namesModel
	clockModel
	ExtendedKeyUsages types.List   `tfsdk:"extended_key_usages"`
	CA                types.Bool   `tfsdk:"ca"`
	MaxPathLength     types.Int64  `tfsdk:"max_path_length"`
	NameConstraints   types.Object `tfsdk:"name_constraints"`
	CertificatePEM    tfvalue.PEM  `tfsdk:"certificate_pem"`
	PublicKeyPEM      tfvalue.PEM  `tfsdk:"public_key_pem"`
	SignerCommand     types.List   `tfsdk:"signer_command"`

	CSRPEM                   tfvalue.PEM  `tfsdk:"csr_pem"`
	PrivateKeyPEM            tfvalue.PEM  `tfsdk:"private_key_pem"`
	CertificatePrivateKeyPEM tfvalue.PEM  `tfsdk:"certificate_private_key_pem"`
	SPKISHA256               types.String `tfsdk:"spki_sha256"`
	Generation               types.Int64  `tfsdk:"generation"`
}

func (m *certificateRequestModel) heldElsewhere() tfvalue.PEM { return m.PublicKeyPEM }
func (m *certificateRequestModel) signerCommand() types.List  { return m.SignerCommand }

// request collects what is asked for, and notes what is not known yet.
func (m *certificateRequestModel) request(read *tfvalue.Reader) issue.Request {
	profile := issue.DataplaneCertificate
	if read.Known(m.CA) && m.CA.ValueBool() {
		profile = issue.ControlPlaneCA
	}
	request := readRequest(profile, m.Subject, m.KeyAlgorithm, read)
	request.ExtendedKeyUsages = readPurposes(read, m.ExtendedKeyUsages)
	request.MaxPathLength, request.NameConstraints = read.Number(m.MaxPathLength), readNameConstraints(m.NameConstraints, read)
	m.readInto(&request, read)
	return request
}

// asking is what the engine is asked about, and where values stand.
type asking struct {
	lifecycle.Asking
	read *tfvalue.Reader
}

// decode reads a request's way from its state to what is configured. Nil is
// returned, and the reason reported, if something cannot be read.
func (r *certificateRequestResource) decode(ctx context.Context, all trio[certificateRequestModel], private privateState, diagnostics *diag.Diagnostics) *asking {
	a := &asking{Asking: lifecycle.Asking{Now: r.clock()}, read: new(tfvalue.Reader)}
	if all.state != nil {
		a.readState(ctx, all.state, private, diagnostics)
	}
	plan, config := all.plan, all.config
	a.Want = plan.want(plan.request(a.read), a.read)
	a.Want.Unknown.Certificate = config.CertificatePEM.IsUnknown()
	a.Want.Settings = readSettings(plan.RenewBefore, types.StringNull(), types.StringNull(), &a.Want.Unknown)
	if !readKeyElsewhere(config, &a.Want, r.programs, diagnostics) {
		checkNoCommand(config.SignerCommand, diagnostics)
	}
	a.Answer = tfvalue.ParsePEM(config.CertificatePEM, "certificate_pem", "certificate", pki.ParseCertificates, diagnostics)
	if diagnostics.HasError() {
		return nil
	}
	return a
}

// readState reads the request in state and its record.
func (a *asking) readState(ctx context.Context, state *certificateRequestModel, private privateState, diagnostics *diag.Diagnostics) {
	a.Record = readRecord(ctx, private, diagnostics)
	var problems lifecycle.Problems
	a.Prior = lifecycle.StoredCSR{
		CSRPEM: state.CSRPEM.ValueString(), PrivateKeyPEM: state.PrivateKeyPEM.ValueString(), Generation: state.Generation.ValueInt64(),
		AnswerPEM: state.CertificatePEM.ValueString(), AnswerKeyPEM: state.CertificatePrivateKeyPEM.ValueString(),
	}.Read(&problems)
	a.report(&problems, diagnostics)
	if a.Prior == nil || diagnostics.HasError() {
		return
	}
	addRecordError(a.Record.CheckBelongs(lifecycle.FingerprintsOf(state.SPKISHA256.ValueString())), diagnostics)
	state.setMadeFrom(&a.Prior.Prior, state.request(new(tfvalue.Reader)))
}

func (a *asking) report(problems *lifecycle.Problems, diagnostics *diag.Diagnostics) {
	for _, problem := range problems.All() {
		addProblem(problem, a.read, diagnostics)
	}
}

// ModifyPlan decides whether a new key and request are made.
func (r *certificateRequestResource) ModifyPlan(ctx context.Context, request resource.ModifyPlanRequest, response *resource.ModifyPlanResponse) {
	if request.Plan.Raw.IsNull() {
		return
	}
	all := readTrio[certificateRequestModel](ctx, r.codec, request.Config, request.Plan, request.State, &response.Diagnostics)
	if response.Diagnostics.HasError() {
		return
	}
	a := r.decode(ctx, all, request.Private, &response.Diagnostics)
	if a == nil {
		return
	}
	at := planning{
		decide: func(at time.Time, problems *lifecycle.Problems) (time.Time, bool) {
			asked := a.Plan(at, problems)
			if problems.Failed() {
				return time.Time{}, false
			}
			all.plan.set(asked, all.state)
			r.codec.Encode(ctx, &response.Plan.Raw, response.Plan.Schema, all.plan, &response.Diagnostics)
			return a.Overdue(at)
		},
		unchanged: func() bool { return response.Plan.Raw.Equal(request.State.Raw) },
		report:    func(problems *lifecycle.Problems) { a.report(problems, &response.Diagnostics) },
	}.from(a.Record.DecidedAt(a.Now), &response.Diagnostics)
	if all.state != nil && !response.Diagnostics.HasError() && !a.Record.IsPlanned(lifecycle.Generated, at) {
		spki := all.state.SPKISHA256.ValueString()
		writeRecord(ctx, response.Private, a.Record.Planned(lifecycle.Generated, lifecycle.FingerprintsOf(spki), at), &response.Diagnostics)
	}
}

// set writes every output.
func (m *certificateRequestModel) set(asked lifecycle.Asked, state *certificateRequestModel) {
	before := new(certificateRequestModel)
	if state != nil {
		before = state
	}
	m.CSRPEM = pemOrUnknown(asked.CSR, pki.EncodeCSR, before.CSRPEM)
	m.PrivateKeyPEM = pemOrUnknown(asked.PrivateKey, asIs, before.PrivateKeyPEM)
	m.CertificatePrivateKeyPEM = pemOrUnknown(asked.AnswerKey, asIs, before.CertificatePrivateKeyPEM)
	m.SPKISHA256 = knownOr(asked.SPKISHA256, types.StringValue, types.StringUnknown())
	m.Generation = knownOr(asked.Generation, types.Int64Value, types.Int64Unknown())
	m.moveClock(asked.RenewalAt, asked.RenewalDue)
}

func asIs(text string) string { return text }

// pemOrUnknown writes what is known as PEM, null if that is empty, and as the state
// spells it if that means the same.
func pemOrUnknown[T any](from lifecycle.Value[T], encode func(T) string, before tfvalue.PEM) tfvalue.PEM {
	return knownOr(from, func(known T) tfvalue.PEM { return pemOf(spelled(writtenPEM(encode(known)), before, nil)) }, tfvalue.UnknownPEM())
}

// Create makes the first key and request.
func (r *certificateRequestResource) Create(ctx context.Context, request resource.CreateRequest, response *resource.CreateResponse) {
	r.apply(ctx, toCreate(request, response))
}

// Update makes the next ones, or keeps those there are.
func (r *certificateRequestResource) Update(ctx context.Context, request resource.UpdateRequest, response *resource.UpdateResponse) {
	r.apply(ctx, toUpdate(request, response))
}

// apply carries out what the plan says.
func (r *certificateRequestResource) apply(ctx context.Context, to application) {
	all := readTrio[certificateRequestModel](ctx, r.codec, to.config, to.plan, to.state, to.diagnostics)
	if to.diagnostics.HasError() {
		return
	}
	a := r.decode(ctx, all, to.private, to.diagnostics)
	if a == nil {
		return
	}
	promised := lifecycle.Rotate
	if all.state != nil {
		switch {
		case all.plan.Generation.IsUnknown():
			promised = lifecycle.Defer
		case all.plan.Generation.Equal(all.state.Generation):
			promised = lifecycle.Keep
		}
	}
	var problems lifecycle.Problems
	asked, record := a.Apply(ctx, promised, a.Record.DecidedAt(a.Now), &problems)
	a.report(&problems, to.diagnostics)
	if to.diagnostics.HasError() {
		return
	}
	if asked.Action == lifecycle.Rotate {
		generation, _ := asked.Generation.Get()
		spki, _ := asked.SPKISHA256.Get()
		tflog.Info(ctx, "made a certificate request", map[string]any{"generation": generation, "spki_sha256": spki})
	}
	planned := all.plan.clockModel
	all.plan.set(asked, all.state)
	if !planned.RenewalAt.IsUnknown() && !planned.RenewalDue.IsUnknown() { // that was said on the plan's clock
		all.plan.clockModel = planned
	}
	r.codec.Encode(ctx, &to.into.Raw, to.into.Schema, all.plan, to.diagnostics)
	writeRecord(ctx, to.private, record, to.diagnostics)
}

// Read moves what the clock says of the certificate that came back.
func (r *certificateRequestResource) Read(ctx context.Context, request resource.ReadRequest, response *resource.ReadResponse) {
	state := readModel[certificateRequestModel](ctx, r.codec, request.State.Raw, request.State.Schema, &response.Diagnostics)
	if response.Diagnostics.HasError() {
		return
	}
	a := &asking{Asking: lifecycle.Asking{Now: r.clock()}, read: new(tfvalue.Reader)}
	a.readState(ctx, state, request.Private, &response.Diagnostics)
	a.Want.Settings = readSettings(state.RenewBefore, types.StringNull(), types.StringNull(), &a.Want.Unknown)
	a.Answer = tfvalue.ParsePEM(state.CertificatePEM, "certificate_pem", "certificate", pki.ParseCertificates, &response.Diagnostics)
	if response.Diagnostics.HasError() {
		return
	}
	asked, record, changed := a.Refresh()
	if state.moveClock(asked.RenewalAt, asked.RenewalDue) {
		r.codec.Encode(ctx, &response.State.Raw, response.State.Schema, state, &response.Diagnostics)
	}
	if changed {
		writeRecord(ctx, response.Private, record, &response.Diagnostics)
	}
}

// Delete forgets the key and the request. What the CA issued stays valid until its
// end.
func (r *certificateRequestResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
}

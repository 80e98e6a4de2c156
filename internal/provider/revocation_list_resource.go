package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/trustplane/terraform-provider-mtls/internal/lifecycle"
	"github.com/trustplane/terraform-provider-mtls/internal/revocation"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

var (
	_ resource.ResourceWithImportState = (*revocationListResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*revocationListResource)(nil)
)

type revocationListResource struct{ environment }

func newRevocationList(in environment) resource.Resource {
	return &revocationListResource{in}
}

type revocationListModel struct {
	clockModel
	Issuer                    types.Object  `tfsdk:"issuer"`
	ActiveCertificatesPEM     types.List    `tfsdk:"active_certificates_pem"`
	Revoked                   types.Dynamic `tfsdk:"revoked"`
	Grace                     types.String  `tfsdk:"grace"`
	Validity                  types.String  `tfsdk:"validity"`
	RenewBefore               types.String  `tfsdk:"renew_before"`
	RotationTriggers          types.Map     `tfsdk:"rotation_triggers"`
	IssuingDistributionPoints types.List    `tfsdk:"issuing_distribution_points"`

	CRLPEM                  types.String      `tfsdk:"crl_pem"`
	CRLDERBase64            types.String      `tfsdk:"crl_der_base64"`
	Number                  types.Int64       `tfsdk:"number"`
	ThisUpdate              timetypes.RFC3339 `tfsdk:"this_update"`
	NextUpdate              timetypes.RFC3339 `tfsdk:"next_update"`
	RevokedSerialNumbers    types.List        `tfsdk:"revoked_serial_numbers"`
	PendingRevocations      types.Map         `tfsdk:"pending_revocations"`
	ActiveSHA256            types.String      `tfsdk:"active_sha256"`
	Generation              types.Int64       `tfsdk:"generation"`
	EarlierCRLsPEM          types.Map         `tfsdk:"earlier_crls_pem"`
	IssuerFingerprintSHA256 types.String      `tfsdk:"issuer_fingerprint_sha256"`
}

func (r *revocationListResource) Metadata(_ context.Context, request resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = request.ProviderTypeName + "_revocation_list"
}

func (r *revocationListResource) Schema(_ context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	response.Schema = schema.Schema{
		MarkdownDescription: "A certificate revocation list (CRL), signed by a CA: without a server, kept in the state like a certificate, and renewed in the plan. " +
			"What was among `active_certificates_pem` and no longer is, is revoked after `grace`, so that a data plane that is deleted or re-issued is shut out without anybody keeping a list by hand. " +
			"What is on the list stays there until its certificate has expired. " +
			"nginx, HAProxy, Apache and OpenSSL read it; Konnect and Kong do not: see the guide on revocation. " +
			"**A list ends.** If no apply renews it before `next_update`, servers that check it refuse everybody.",
		Attributes: merge(revocationListArguments(), revocationListOutputs()),
	}
}

func revocationListArguments() map[string]schema.Attribute {
	issuer := issuerAttribute("")
	issuer.MarkdownDescription = "The CA that signs the list, and whose certificates are revoked. It needs the right to sign revocation lists (cRLSign), which a generated CA has." + issuerForms +
		" When the CA's certificate changes, a new list is signed."
	issuer.Optional, issuer.Required = false, true
	issuer.Attributes = merge(issuer.Attributes, map[string]schema.Attribute{
		"generation": schema.Int64Attribute{
			Optional: true, WriteOnly: true,
			MarkdownDescription: "The number of the CA's generation. A whole `mtls_control_plane_ca` gives it, so that the keys of `earlier_crls_pem` are known at plan even while the CA rotates. " +
				"Default: counted here, from 1, with each other key.",
		},
	})
	return map[string]schema.Attribute{
		"issuer": issuer,
		"active_certificates_pem": schema.ListAttribute{
			ElementType: types.StringType, Optional: true, WriteOnly: true,
			Validators: []validator.List{tfvalue.NoNulls()},
			MarkdownDescription: "All certificates that are in use, as PEM: each alone, or with its issuers behind it, as in `certificate_pem`, `chain_pem` and `chains_pem`. " +
				"Of each element, what this CA has signed is tracked; what is no longer there is revoked after `grace`, unless it has expired by then. " +
				"Write-only: the state only holds serial numbers and dates of expiry. Default: none; an empty list, after others, revokes everything that was active.",
		},
		"revoked": revokedAttribute(),
		"grace": schema.StringAttribute{
			Optional:   true,
			Validators: []validator.String{tfvalue.NotNegative()},
			MarkdownDescription: "How long after it has vanished from `active_certificates_pem` a certificate is revoked, as a Go duration, counted from the apply in which it vanished: the time that running data planes have to switch to their new certificate. " +
				"`\"0s\"` revokes it in the same apply. Default: `72h`. Changing it moves what has not been revoked yet; what is due by that is revoked by this apply or the next one.",
		},
		"validity": schema.StringAttribute{
			Optional:   true,
			Validators: []validator.String{tfvalue.NotNegative()},
			MarkdownDescription: "How long a list is valid, from the moment it is signed, as a Go duration of at least a minute. It is how long your pipeline may stand still before servers refuse everybody, " +
				"and how long an old list can be passed off as the current one. Default: `168h` (a week). Changing it signs a new list.",
		},
		"renew_before": schema.StringAttribute{
			Optional:   true,
			Validators: []validator.String{tfvalue.NotNegative()},
			MarkdownDescription: "How long before its end a list is signed again, as a Go duration shorter than `validity`. The first plan after that time renews it. `\"0s\"` turns renewal off. " +
				"Default: a third of `validity`, at most `720h`. Changing it does not sign a new list, unless that makes it due.",
		},
		"rotation_triggers": schema.MapAttribute{
			ElementType: types.StringType, Optional: true,
			MarkdownDescription: "Arbitrary values. Changing any of them signs a new list now. Default: none.",
		},
		"issuing_distribution_points": stringList("URLs (http, https, ldap) where the list is published, for the extension *issuing distribution point*. " +
			"The list then only covers certificates that have one of them in `crl_distribution_points`, and OpenSSL refuses all others (44: different CRL scope), a root that signs the list itself among them. Order matters. Default: none, a list for all certificates of the CA. Changing it signs a new list."),
	}
}

func revocationListOutputs() map[string]schema.Attribute {
	instant := func(description string) schema.StringAttribute {
		return schema.StringAttribute{CustomType: timetypes.RFC3339Type{}, Computed: true, MarkdownDescription: description + " RFC 3339, UTC."}
	}
	return map[string]schema.Attribute{
		"crl_pem":        schema.StringAttribute{Computed: true, MarkdownDescription: "The list as PEM, as nginx (`ssl_crl`), HAProxy (`crl-file`) and Apache (`SSLCARevocationFile`) read it."},
		"crl_der_base64": schema.StringAttribute{Computed: true, MarkdownDescription: "The list as DER in base64, as it is published at a distribution point (RFC 5280, section 4.2.1.13)."},
		"number": schema.Int64Attribute{
			Computed: true,
			MarkdownDescription: "The number of the list. It grows with each list, but not one by one: it is at least the time of signing in seconds since 1970, " +
				"so that it grows even after the state was lost.",
		},
		"this_update": instant("When the list was signed, a minute earlier for peers whose clock lags behind."),
		"next_update": instant("When the list ends. Peers refuse everybody from then on."),
		"renewal_at":  instant("When the next list is due: for the age of this one, or because a grace is over. Null for never."),
		"renewal_due": schema.BoolAttribute{
			Computed: true,
			MarkdownDescription: "Whether `renewal_at` has passed. It is also updated on refresh, so that `check` blocks, postconditions and `terraform plan -refresh-only` can alert you. " +
				"The next apply signs the list.",
		},
		"revoked_serial_numbers": schema.ListAttribute{
			ElementType: types.StringType, Computed: true,
			MarkdownDescription: "The serial numbers on the list, in lower-case hex, in ascending order. They are known at plan, unless an argument is not.",
		},
		"pending_revocations": schema.MapAttribute{
			ElementType: types.StringType, Computed: true,
			MarkdownDescription: "What is no longer active and waits for its grace: a map from serial number to the instant from which the next apply revokes it. RFC 3339, UTC. What expires before is not in it.",
		},
		"active_sha256": schema.StringAttribute{Computed: true, MarkdownDescription: "SHA-256 over serial numbers and expiry of the active certificates, in lower-case hex. It changes whenever they do."},
		"generation": schema.Int64Attribute{
			Computed:            true,
			MarkdownDescription: "The generation of the CA that signed the list: its own number, or counted from 1. Known at plan wherever the CA's is.",
		},
		"earlier_crls_pem": schema.MapAttribute{
			ElementType: types.StringType, Computed: true,
			MarkdownDescription: "The last lists of the CA's earlier generations, as a map from generation to PEM, each until its certificates have expired. They say what they said when the CA rotated; " +
				"their key is gone, so nothing can be added. Its keys are known at plan like those of `trusted_certificates_pem`. Give servers `crl_pem` and all of these.",
		},
		"issuer_fingerprint_sha256": schema.StringAttribute{Computed: true, MarkdownDescription: "`fingerprint_sha256` of the CA that signed the list."},
	}
}

// ModifyPlan decides what becomes of the list.
func (r *revocationListResource) ModifyPlan(ctx context.Context, request resource.ModifyPlanRequest, response *resource.ModifyPlanResponse) {
	if request.Plan.Raw.IsNull() {
		return
	}
	d := r.decode(ctx, request.Config, request.Plan, request.State, request.Private, &response.Diagnostics)
	if d == nil {
		return
	}
	at := planning{
		decide: func(at time.Time, problems *lifecycle.Problems) (time.Time, bool) {
			result := d.Plan(at, problems)
			if problems.Failed() {
				return time.Time{}, false
			}
			d.plan.encode(result)
			r.codec.Encode(ctx, &response.Plan.Raw, response.Plan.Schema, d.plan, &response.Diagnostics)
			return d.Overdue(at)
		},
		unchanged: func() bool { return response.Plan.Raw.Equal(request.State.Raw) },
		report:    func(problems *lifecycle.Problems) { reportRevocation(problems, &response.Diagnostics) },
	}.from(d.DecidedAt(), &response.Diagnostics)
	if response.Diagnostics.HasError() {
		return
	}
	if d.Prior != nil && !d.record.Observed.Equal(at) {
		writeRevocationRecord(ctx, response.Private, d.record.Planned(at), &response.Diagnostics)
	}
}

// Create signs the first list.
func (r *revocationListResource) Create(ctx context.Context, request resource.CreateRequest, response *resource.CreateResponse) {
	r.apply(ctx, toCreate(request, response))
}

// Update signs the next list, or keeps the one there is.
func (r *revocationListResource) Update(ctx context.Context, request resource.UpdateRequest, response *resource.UpdateResponse) {
	r.apply(ctx, toUpdate(request, response))
}

// Delete forgets the list. Peers go on with the one they have until it ends.
func (r *revocationListResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
}

// apply carries out what the plan says.
func (r *revocationListResource) apply(ctx context.Context, a application) {
	d := r.decode(ctx, a.config, a.plan, a.state, a.private, a.diagnostics)
	if d == nil {
		return
	}
	var problems lifecycle.Problems
	result, record := d.Apply(ctx, d.promise(), &problems)
	reportRevocation(&problems, a.diagnostics)
	if a.diagnostics.HasError() {
		return
	}
	d.plan.encode(result)
	if result.Action == revocation.Sign {
		tflog.Info(ctx, "signed a revocation list", map[string]any{
			"number": d.plan.Number.ValueInt64(), "entries": len(d.plan.RevokedSerialNumbers.Elements()), "reasons": result.Reasons,
		})
	}
	r.codec.Encode(ctx, &a.into.Raw, a.into.Schema, d.plan, a.diagnostics)
	writeRevocationRecord(ctx, a.private, record, a.diagnostics)
}

// Read moves what the clock says of the list; the state is the only place where it
// exists.
func (r *revocationListResource) Read(ctx context.Context, request resource.ReadRequest, response *resource.ReadResponse) {
	state := readModel[revocationListModel](ctx, r.codec, request.State.Raw, request.State.Schema, &response.Diagnostics)
	if response.Diagnostics.HasError() {
		return
	}
	d := &decodedList{plan: state, Resource: revocation.Resource{Now: r.clock()}}
	d.Want.Settings = state.settings()
	d.readState(ctx, state, request.Private, &response.Diagnostics)
	if response.Diagnostics.HasError() {
		return
	}
	result, record, changed := d.Refresh()
	if state.moveClock(result.RenewalAt, result.RenewalDue) {
		r.codec.Encode(ctx, &response.State.Raw, response.State.Schema, state, &response.Diagnostics)
	}
	if changed {
		writeRevocationRecord(ctx, response.Private, record, &response.Diagnostics)
	}
}

// ImportState takes a list from a file, as PEM or DER: the identifier is its path.
func (r *revocationListResource) ImportState(ctx context.Context, request resource.ImportStateRequest, response *resource.ImportStateResponse) {
	const byPath = "The import ID must be the path of a revocation list, as PEM or DER."
	if !isPath(request.ID, byPath, &response.Diagnostics) {
		return
	}
	text, err := readFile(request.ID)
	if err != nil {
		response.Diagnostics.AddError("Revocation list not imported", "The file "+request.ID+" cannot be used: "+err.Error()+". "+byPath)
		return
	}
	list, err := revocation.Parse(text)
	if err != nil {
		response.Diagnostics.AddError("Revocation list not imported", "The file "+request.ID+" cannot be used: "+err.Error()+". "+byPath)
		return
	}
	var problems lifecycle.Problems
	result, record := revocation.Import(list, r.clock(), &problems)
	reportRevocation(&problems, &response.Diagnostics)
	state := blankModel[revocationListModel](ctx, r.codec, &response.State, &response.Diagnostics)
	if response.Diagnostics.HasError() {
		return
	}
	state.encode(result)
	r.codec.Encode(ctx, &response.State.Raw, response.State.Schema, state, &response.Diagnostics)
	writeRevocationRecord(ctx, response.Private, record, &response.Diagnostics)
}

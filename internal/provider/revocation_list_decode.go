package provider

import (
	"context"
	"crypto/x509"
	"fmt"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/lifecycle"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/revocation"
	"github.com/trustplane/terraform-provider-mtls/internal/signer"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

// revocationKey is the key of private state for the record of a list.
const revocationKey = "revocation"

// A decodedList is what a plan or an apply is asked about, in the words of package
// revocation.
type decodedList struct {
	revocation.Resource
	plan   *revocationListModel
	record revocation.Record
}

// decode reads a list's way from its state to what is configured. Nil is returned,
// and the reason reported, if something cannot be read.
func (r *revocationListResource) decode(
	ctx context.Context, config tfsdk.Config, plan tfsdk.Plan, state tfsdk.State, private privateState, diagnostics *diag.Diagnostics,
) *decodedList {
	all := readTrio[revocationListModel](ctx, r.codec, config, plan, state, diagnostics)
	d := &decodedList{plan: all.plan, Resource: revocation.Resource{Now: r.clock()}}
	if all.state != nil && !diagnostics.HasError() {
		d.readState(ctx, all.state, private, diagnostics)
	}
	if diagnostics.HasError() {
		return nil
	}
	d.readWant(all.config, r.programs, diagnostics)
	if diagnostics.HasError() {
		return nil
	}
	return d
}

// readState reads the list in state and its record. What cannot be read, or does
// not belong together, is an error: what is forgotten is not revoked.
func (d *decodedList) readState(ctx context.Context, state *revocationListModel, private privateState, diagnostics *diag.Diagnostics) {
	const advice = ". Nothing was changed. Restore the state from a backup. Without one, save crl_pem, remove the resource from the state with terraform state rm, and import the list: " +
		"what was active by then and has vanished has to be named in revoked."
	text, found := private.GetKey(ctx, revocationKey)
	diagnostics.Append(found...)
	record, err := revocation.ReadRecord(text)
	if err != nil {
		diagnostics.AddError("Private state is damaged", pki.Sentence(err.Error())+advice)
		return
	}
	earlier := map[int64]string{}
	for key, value := range state.EarlierCRLsPEM.Elements() {
		number, err := strconv.ParseInt(key, 10, 64)
		if err != nil {
			diagnostics.AddAttributeError(path.Root("earlier_crls_pem"), "Revocation list in state is damaged", quoted(key)+" is not the number of a generation"+advice)
			return
		}
		earlier[number] = stringOf(value)
	}
	d.record = record
	triggers, _ := knownTriggers(state.RotationTriggers)
	prior, err := revocation.Stored{
		CRLPEM: state.CRLPEM.ValueString(), Generation: state.Generation.ValueInt64(), Issuer: state.IssuerFingerprintSHA256.ValueString(), Earlier: earlier,
		Settings: state.settings(), Triggers: triggers,
	}.Read(record)
	if err != nil {
		diagnostics.AddAttributeError(path.Root("crl_pem"), "Revocation list in state is damaged", "The list in state cannot be continued: "+err.Error()+advice)
		return
	}
	d.Prior = prior
}

// settings reads the settings of a list.
func (m *revocationListModel) settings() revocation.Settings {
	read := new(tfvalue.Reader)
	settings := revocation.Settings{Grace: read.Duration(m.Grace), RenewBefore: read.Duration(m.RenewBefore)}
	if validity := read.Duration(m.Validity); validity != nil {
		// Zero is too short, and not the default.
		settings.Validity = max(*validity, 1)
	}
	settings.DistributionPoints = read.Strings("issuing_distribution_points", m.IssuingDistributionPoints)
	settings.Unknown = read.Unknown
	return settings
}

// knownTriggers are rotation triggers, without those that are null or unknown, and
// whether none is unknown.
func knownTriggers(triggers types.Map) (known map[string]string, all bool) {
	known, all = map[string]string{}, !triggers.IsUnknown()
	for name, value := range readTriggers(triggers) {
		if text, is := value.Get(); is {
			known[name] = text
		} else {
			all = false
		}
	}
	return known, all
}

// readWant reads what is configured: what is write-only, from the configuration.
func (d *decodedList) readWant(config *revocationListModel, programs *signer.Programs, diagnostics *diag.Diagnostics) {
	read, want := new(tfvalue.Reader), &d.Want
	want.Issuer = readIssuer(config.Issuer, programs, diagnostics)
	want.Generation, want.GenerationGiven = readGeneration(config.Issuer)
	want.Settings = d.plan.settings()
	triggers, triggersKnown := knownTriggers(d.plan.RotationTriggers)
	want.Triggers = triggers
	want.ActiveGiven = !config.ActiveCertificatesPEM.IsNull()
	want.Active = readActive(config.ActiveCertificatesPEM, read, diagnostics)
	revoked, revokedKnown := readRevoked(config.Revoked, diagnostics)
	want.Revoked = revoked
	want.Unknown = read.Unknown || want.Settings.Unknown || !triggersKnown || !revokedKnown
}

// readGeneration is the generation that an issuer gives, and whether it gives one.
func readGeneration(issuer types.Object) (lifecycle.Value[int64], bool) {
	number, is := issuer.Attributes()["generation"].(types.Int64)
	switch {
	case issuer.IsUnknown():
		return lifecycle.Value[int64]{}, true
	case !is || number.IsNull():
		return lifecycle.Value[int64]{}, false
	case number.IsUnknown():
		return lifecycle.Value[int64]{}, true
	default:
		return lifecycle.Known(number.ValueInt64()), true
	}
}

// readActive reads the certificates in use, element by element.
func readActive(list types.List, read *tfvalue.Reader, diagnostics *diag.Diagnostics) [][]*x509.Certificate {
	var all [][]*x509.Certificate
	for i, text := range read.Strings("active_certificates_pem", list) {
		chain, err := pki.ParseCertificates(text)
		if err != nil {
			at := path.Root("active_certificates_pem").AtListIndex(read.Position("active_certificates_pem", i))
			tfvalue.AddPEMError(diagnostics, at, "certificate", err)
			continue
		}
		all = append(all, chain)
	}
	return all
}

// promise is what the plan said of the list.
func (d *decodedList) promise() revocation.Promise {
	promise := revocation.Promise{At: d.DecidedAt()}
	if fingerprint := d.plan.IssuerFingerprintSHA256; !fingerprint.IsUnknown() {
		promise.Issuer = lifecycle.Known(fingerprint.ValueString())
	}
	return promise
}

// reportRevocation makes diagnostics of problems, each at its attribute. Terraform
// finds the line of a list's element, and not of what is within it: the detail
// names that.
func reportRevocation(problems *lifecycle.Problems, diagnostics *diag.Diagnostics) {
	for _, problem := range problems.All() {
		root, nested, within := strings.Cut(problem.Field, ".")
		if within {
			problem.Field, problem.Detail = root, fmt.Sprintf("%s[%d].%s: %s", root, problem.Index, nested, problem.Detail)
		}
		addProblem(problem, nil, diagnostics)
	}
}

// writeRevocationRecord writes the record to private state.
func writeRevocationRecord(ctx context.Context, private privateState, record revocation.Record, diagnostics *diag.Diagnostics) {
	text, err := record.Bytes()
	if err != nil {
		diagnostics.AddError("Private state not written", pki.Sentence(err.Error())+".")
		return
	}
	diagnostics.Append(private.SetKey(ctx, revocationKey, text)...)
}

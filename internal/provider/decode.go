package provider

import (
	"context"
	"crypto"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/lifecycle"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/signer"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

// A decoded resource is what a plan, an apply or a refresh is asked about, in the
// words of package lifecycle.
type decoded struct {
	lifecycle.Resource
	// readers are those of the slots, by name: they know where in the
	// configuration a value stands.
	readers map[string]*tfvalue.Reader
	// fingerprints are those of the certificates in state, by slot.
	fingerprints map[string]string
}

// readState reads the certificate in state and its record. What cannot be read,
// or does not belong together, is an error.
func (d *decoded) readState(ctx context.Context, state model, private privateState, diagnostics *diag.Diagnostics) *lifecycle.Prior {
	d.fingerprints = map[string]string{"": stringOf(state.certificate().Outputs["fingerprint_sha256"])}
	d.Record = readRecord(ctx, private, diagnostics)
	if diagnostics.HasError() {
		return nil
	}
	var problems lifecycle.Problems
	prior := readStored(state, d.Record, &problems)
	d.report(&problems, diagnostics)
	if prior != nil {
		prior.AddFingerprint(d.fingerprints)
	}
	d.checkRecord(diagnostics)
	return prior
}

// checkRecord reports a record of another resource. It is to be asked once the
// state is known to be sound.
func (d *decoded) checkRecord(diagnostics *diag.Diagnostics) {
	if !diagnostics.HasError() {
		addRecordError(d.Record.CheckBelongs(d.fingerprints), diagnostics)
	}
}

// readStored reads one certificate out of a state. Damage is among problems.
func readStored(m model, record lifecycle.Record, problems *lifecycle.Problems) *lifecycle.Prior {
	certificate := m.certificate()
	stored := lifecycle.Stored{
		CertificatePEM: certificate.pem("certificate_pem").ValueString(),
		ChainPEM:       certificate.pem("chain_pem").ValueString(),
		PrivateKeyPEM:  certificate.pem("private_key_pem").ValueString(),
		RootPEM:        certificate.pem("root_pem").ValueString(),
		HasKey:         !certificate.pem("private_key_pem").IsNull(),

		FingerprintSHA256: stringOf(certificate.Outputs["fingerprint_sha256"]),
	}
	if generation, is := certificate.Outputs["generation"].(types.Int64); is {
		stored.Generation = generation.ValueInt64()
	}
	if _, uploads := m.overlap(); uploads {
		stored.Trusted = map[string]string{}
		for number, text := range elementsOf(certificate.Outputs["trusted_certificates_pem"]) {
			stored.Trusted[number] = pemOf(text).ValueString()
		}
		if next, is := certificate.Outputs["next_generation"].(types.Int64); is {
			stored.NextGeneration = next.ValueInt64()
		}
		stored.NextPrivateKeyPEM = certificate.pem("next_private_key_pem").ValueString()
	}
	prior := stored.Read(record, problems)
	if prior == nil {
		return nil
	}
	prior.SetOrigins(record, asks(m), stored.HasKey, stringOf(certificate.Outputs["issuer_fingerprint_sha256"]))
	certificate.setMadeFrom(prior, m.request(new(tfvalue.Reader)))
	return prior
}

// readWant reads what is configured: arguments out of the plan, where Terraform
// has applied lifecycle rules to them, and what the plan cannot hold out of the
// configuration.
func (m models) readWant(read *tfvalue.Reader, programs *signer.Programs, diagnostics *diag.Diagnostics) lifecycle.Want {
	configured, planned := m.config.certificate(), m.plan.certificate()
	want := planned.want(m.plan.request(read), read)
	want.Ignored = m.ignored()
	if text := configured.pem("certificate_pem"); !text.IsNull() && want.Ignored == "" {
		want.Origin, want.Unknown.Certificate = lifecycle.Provided, text.IsUnknown()
		want.Certificate = tfvalue.ParsePEM(text, "certificate_pem", "certificate", pki.ParseCertificate, diagnostics)
	}
	overlap, _ := m.plan.overlap()
	want.Settings = readSettings(planned.RenewBefore, overlap, m.plan.prepublish(), &want.Unknown)
	readKey(m.config, &want, programs, diagnostics)
	return want
}

// ignored names the attribute whose changes lifecycle ignores, if that keeps the
// certificate as it is; empty for none. Terraform then gives the state's own value
// as the configured one, beside what asks for a certificate to be generated: that
// nobody can write.
func (m models) ignored() string {
	if m.state == nil || !asks(m.config) {
		return ""
	}
	for _, name := range []string{"certificate_pem", "private_key_pem"} {
		if m.config.certificate().pem(name).Same(m.state.certificate().pem(name)) {
			return name
		}
	}
	return ""
}

// asks reports whether a configuration or state asks for a certificate to be
// generated, or signed for a CSR.
func asks(m model) bool {
	return !m.certificate().Subject.IsNull() || !m.csr().IsNull() || m.named()
}

// readSettings reads the lifecycle settings.
func readSettings(renewBefore, overlap, prepublish types.String, unknown *lifecycle.Unknowns) lifecycle.Settings {
	var read tfvalue.Reader
	unknown.RenewBefore, unknown.Overlap, unknown.Prepublish = renewBefore.IsUnknown(), overlap.IsUnknown(), prepublish.IsUnknown()
	return lifecycle.Settings{
		RenewBefore: read.Duration(renewBefore), Overlap: read.Duration(overlap), Prepublish: read.Duration(prepublish),
	}
}

// readKey reads where the private key of the next certificate comes from.
func readKey(config model, want *lifecycle.Want, programs *signer.Programs, diagnostics *diag.Diagnostics) {
	configured, key := config.certificate().pem("private_key_pem"), &want.Key
	if config.heldElsewhere().IsNull() && want.Origin == lifecycle.Generated {
		checkNoCommand(config.signerCommand(), diagnostics)
	}
	if csr := config.csr(); !csr.IsNull() {
		key.Source, want.Unknown.Key = lifecycle.CSRKey, csr.IsUnknown()
		return
	}
	// Beside private_key_pem, a key elsewhere that is unknown must turn out to be null.
	beside := want.Origin == lifecycle.Provided && !configured.IsNull() && !tfvalue.Known(config.heldElsewhere()) && !tfvalue.Known(config.writeOnlyKey())
	if !beside && readKeyElsewhere(config, want, programs, diagnostics) || want.Origin == lifecycle.Generated {
		return
	}
	if configured.IsNull() {
		key.Source = lifecycle.NoKey
		return
	}
	key.Source, want.Unknown.Key = lifecycle.ConfiguredKey, configured.IsUnknown()
	key.Signer = tfvalue.ParsePEM(configured, "private_key_pem", "private key", pki.ParsePrivateKey, diagnostics)
	if tfvalue.Known(configured) {
		key.PEM = lifecycle.Known(configured.ValueString())
	}
}

// keyed is what may have a key that never comes into the state.
type keyed interface {
	// heldElsewhere is the public half of a key that signerCommand signs with; both
	// null where there is none.
	heldElsewhere() tfvalue.PEM
	signerCommand() types.List
	// writeOnlyKey is only known in the configuration; null where there is none.
	writeOnlyKey() tfvalue.PEM
}

// readKeyElsewhere reads a key that never comes into the state: one that a program
// signs with, or a write-only one. It reports whether there is one.
func readKeyElsewhere(config keyed, want *lifecycle.Want, programs *signer.Programs, diagnostics *diag.Diagnostics) bool {
	key := &want.Key
	switch held, writeOnly := config.heldElsewhere(), config.writeOnlyKey(); {
	case !held.IsNull():
		key.Source, want.Unknown.Key = lifecycle.HeldKey, held.IsUnknown()
		key.Signer = readHeldKey(config, programs, diagnostics)
	case !writeOnly.IsNull():
		key.Source, want.Unknown.Key = lifecycle.WriteOnlyKey, writeOnly.IsUnknown()
		key.Signer = tfvalue.ParsePEM(writeOnly, "private_key_pem_wo", "private key", pki.ParsePrivateKey, diagnostics)
	default:
		return false
	}
	return true
}

// checkNoCommand reports a signer command beside a key that is to be generated.
func checkNoCommand(command types.List, diagnostics *diag.Diagnostics) {
	if !noCommand(command) {
		diagnostics.AddAttributeError(path.Root("signer_command"), "Signer command without a public key",
			"The private key would be generated and stored in the state. Set public_key_pem to the public key that signer_command signs with.")
	}
}

// readHeldKey reads a key that a program signs with; nil while it is unknown.
func readHeldKey(config keyed, programs *signer.Programs, diagnostics *diag.Diagnostics) crypto.Signer {
	command := config.signerCommand()
	if noCommand(command) {
		diagnostics.AddAttributeError(path.Root("public_key_pem"), "Public key without a signer command", "Set signer_command to the program that signs with its private key.")
	}
	checkCommand(command, path.Root("signer_command"), diagnostics)
	public := tfvalue.ParsePEM(config.heldElsewhere(), "public_key_pem", "public key", pki.ParsePublicKey, diagnostics)
	if public == nil {
		return nil
	}
	return programs.Key(readCommand(command), public)
}

// decode reads one resource's way from its state to what is configured. Nil is
// returned, and the reason reported, if something cannot be read.
func (m models) decode(ctx context.Context, private privateState, in environment, diagnostics *diag.Diagnostics) *decoded {
	_, uploads := m.plan.overlap()
	read := new(tfvalue.Reader)
	d := &decoded{Resource: lifecycle.Resource{Uploads: uploads, Now: in.clock()}, readers: map[string]*tfvalue.Reader{"": read}}
	s := lifecycle.Slot{Want: m.readWant(read, in.programs, diagnostics)}
	d.Issuer = readIssuer(m.config.issuer(), in.programs, diagnostics)
	if m.state != nil {
		s.Prior = d.readState(ctx, m.state, private, diagnostics)
	}
	if diagnostics.HasError() {
		return nil
	}
	d.Slots = []lifecycle.Slot{s}
	return d
}

// fromState is a resource that is wanted as its state has it, for a refresh. Nil
// is returned, and the reason reported, if something cannot be read.
func fromState(ctx context.Context, state model, private privateState, now time.Time, diagnostics *diag.Diagnostics) *decoded {
	overlap, uploads := state.overlap()
	d := &decoded{Resource: lifecycle.Resource{Uploads: uploads, Now: now}}
	prior := d.readState(ctx, state, private, diagnostics)
	if diagnostics.HasError() {
		return nil
	}
	want := lifecycle.Want{Origin: lifecycle.Generated, Request: prior.Request}
	if prior.Newest().Origin != lifecycle.Generated {
		want = lifecycle.Want{Origin: lifecycle.Provided, Request: issue.Request{Profile: state.profile()}}
	}
	want.Settings = readSettings(state.certificate().RenewBefore, overlap, state.prepublish(), &want.Unknown)
	d.Slots = []lifecycle.Slot{{Prior: prior, Want: want}}
	return d
}

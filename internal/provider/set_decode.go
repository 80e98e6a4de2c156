package provider

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/lifecycle"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

// setModels are those that a set's plan, apply or refresh is asked about.
type setModels struct {
	trio[dataplaneCertificateSetModel]
}

// A setReader reads the certificates of one configuration, plan or state of a
// set: what all nodes share is read once.
type setReader struct {
	model    *dataplaneCertificateSetModel
	shared   issue.Request
	unknown  bool // part of what is shared
	triggers map[string]lifecycle.Value[string]
}

func (m *dataplaneCertificateSetModel) reader() setReader {
	var read tfvalue.Reader
	shared := readRequest(issue.DataplaneCertificate, m.Subject, m.KeyAlgorithm, &read)
	shared.ExtendedKeyUsages, shared.Validity = readPurposes(&read, m.ExtendedKeyUsages), read.DurationOr(m.Validity, 0)
	m.readInto(&shared, &read)
	return setReader{model: m, shared: shared, unknown: read.Unknown, triggers: readTriggers(m.RotationTriggers)}
}

// want reads what is configured for one node.
func (r setReader) want(value attr.Value, read *tfvalue.Reader) lifecycle.Want {
	m := r.model
	want := lifecycle.Want{Origin: lifecycle.Generated, Request: readNode(value, r.shared, read), Triggers: r.triggers, Shared: fromSet(value)}
	want.Unknown = lifecycle.Unknowns{
		Request: read.Unknown || r.unknown, Algorithm: m.KeyAlgorithm.IsUnknown(), Triggers: m.RotationTriggers.IsUnknown(),
	}
	want.Settings = lifecycle.Settings{RenewBefore: read.Duration(m.RenewBefore), Spread: true}
	want.Unknown.RenewBefore = m.RenewBefore.IsUnknown()
	want.Key = lifecycle.Key{Reuse: m.ReuseKey.ValueBool()}
	if csr := nodeCSR(value); !csr.IsNull() {
		want.Key.Source, want.Unknown.Key = lifecycle.CSRKey, csr.IsUnknown()
	}
	return want
}

// A setState reads the certificates that a set has.
type setState struct {
	setReader
	nodes                      map[string]attr.Value
	chains, keys, fingerprints map[string]attr.Value
	issuer                     string
}

func (m *dataplaneCertificateSetModel) stored() setState {
	return setState{
		setReader: m.reader(), nodes: m.Certificates.Elements(), issuer: stringOf(m.Outputs["issuer_fingerprint_sha256"]),
		chains: elementsOf(m.Outputs["chains_pem"]), keys: elementsOf(m.Outputs["private_keys_pem"]), fingerprints: elementsOf(m.Outputs["fingerprints_sha256"]),
	}
}

// prior reads what the state has of a node; nil for a new one, or if what it has
// is damaged.
func (s setState) prior(name string, problems *lifecycle.Problems) *lifecycle.Prior {
	node, is := s.nodes[name]
	if !is {
		return nil
	}
	stored := lifecycle.Stored{
		Slot: name, ChainPEM: pemOf(s.chains[name]).ValueString(), PrivateKeyPEM: pemOf(s.keys[name]).ValueString(), Generation: 1,
		HasKey: nodeCSR(node).IsNull() || !pemOf(s.keys[name]).IsNull(), FingerprintSHA256: stringOf(s.fingerprints[name]),
	}
	prior := stored.Read(lifecycle.Record{}, problems)
	if prior != nil {
		prior.Origin, prior.Issuer, prior.Triggers = lifecycle.Generated, s.issuer, s.triggers
		prior.Request = readNode(node, s.shared, new(tfvalue.Reader))
	}
	return prior
}

// fingerprints are those of the certificates in state, by node.
func (m *dataplaneCertificateSetModel) fingerprints() map[string]string {
	texts := map[string]string{}
	for name, value := range elementsOf(m.Outputs["fingerprints_sha256"]) {
		texts[name] = stringOf(value)
	}
	return texts
}

// decode reads a set's way from its state to what is configured. Nil is returned,
// and the reason reported, if something cannot be read.
func (s *setModels) decode(ctx context.Context, private privateState, in environment, diagnostics *diag.Diagnostics) *decoded {
	d := &decoded{Resource: lifecycle.Resource{Now: in.clock()}, readers: map[string]*tfvalue.Reader{}}
	d.Issuer = readIssuer(s.config.Issuer, in.programs, diagnostics)
	var state setState
	if s.state != nil {
		state, d.fingerprints = s.state.stored(), s.state.fingerprints()
		d.Record = readRecord(ctx, private, diagnostics)
	}
	// The issuer is required: where it is missing, changes of it are ignored.
	withheld := s.state != nil && s.config.Issuer.IsNull()
	var problems lifecycle.Problems
	reader, nodes := s.plan.reader(), s.plan.Certificates.Elements()
	for _, name := range slices.Sorted(maps.Keys(nodes)) {
		read := new(tfvalue.Reader)
		d.readers[name] = read
		slot := lifecycle.Slot{Name: name, Want: reader.want(nodes[name], read), Prior: state.prior(name, &problems)}
		if withheld {
			slot.Want.Ignored = "issuer"
		}
		d.Slots = append(d.Slots, slot)
	}
	d.report(&problems, diagnostics)
	d.checkRecord(diagnostics)
	if diagnostics.HasError() {
		return nil
	}
	return d
}

// fromState is a set that is wanted as its state has it, for a refresh. Nil is
// returned, and the reason reported, if something cannot be read. Damage to a node
// is only warned of here: a plan refuses to go on from it, and the user must get
// as far as a plan to take the node out.
func (s *setModels) fromState(ctx context.Context, private privateState, now time.Time, diagnostics *diag.Diagnostics) *decoded {
	d := &decoded{Resource: lifecycle.Resource{Now: now}, fingerprints: s.state.fingerprints()}
	d.Record = readRecord(ctx, private, diagnostics)
	if diagnostics.HasError() {
		return nil
	}
	var problems lifecycle.Problems
	state := s.state.stored()
	for _, name := range slices.Sorted(maps.Keys(state.nodes)) {
		want := state.want(state.nodes[name], new(tfvalue.Reader))
		d.Slots = append(d.Slots, lifecycle.Slot{Name: name, Want: want, Prior: state.prior(name, &problems)})
	}
	for _, problem := range problems.All() {
		problem.Severity = lifecycle.Warning
		addProblem(problem, nil, diagnostics)
	}
	if len(problems.All()) > 0 {
		return nil
	}
	if d.checkRecord(diagnostics); diagnostics.HasError() {
		return nil
	}
	return d
}

// promise is what the plan said of the set: a certificate that it knew stays, and
// of the others the apply decides as the plan did.
func (s *setModels) promise(d *decoded) lifecycle.Promise {
	promise := lifecycle.Promise{At: d.Record.DecidedAt(d.Now), Issuer: plannedIssuer(s.plan.Outputs)}
	serials := elementsOf(s.plan.Outputs["serial_numbers"])
	for _, slot := range d.Slots {
		action := lifecycle.Defer
		if serial, is := serials[slot.Name]; is && tfvalue.Known(serial) {
			action = lifecycle.Keep
		}
		promise.Actions = append(promise.Actions, action)
	}
	return promise
}

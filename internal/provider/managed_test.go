package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// A managed resource is what Terraform holds of one resource between its calls:
// a state and the private state beside it. Tests may damage either. It calls the
// provider as Terraform does, and holds it to what Terraform holds it to.
type managed struct {
	server tfprotov6.ProviderServer
	clock  *stepClock
	name   string // of the resource's type
	schema *tfprotov6.Schema
	kind   tftypes.Object

	state   tftypes.Value // null while there is none
	private []byte
}

// A reporter is what a test and a property test have in common.
type reporter interface {
	Helper()
	Context() context.Context
	Fatal(arguments ...any)
	Fatalf(format string, arguments ...any)
}

// newManaged starts a provider for one resource that does not exist yet.
func newManaged(tb testing.TB, name string, clock *stepClock) *managed {
	tb.Helper()
	server := newProtocol(tb, clock.Now).server
	answer, err := server.GetProviderSchema(tb.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		tb.Fatal(err)
	}
	schema := answer.ResourceSchemas[name]
	kind := schema.ValueType().(tftypes.Object)
	return &managed{server: server, clock: clock, name: name, schema: schema, kind: kind, state: tftypes.NewValue(kind, nil)}
}

// copied is the same resource, to be damaged by itself.
func (m *managed) copied() *managed {
	other := *m
	return &other
}

// A proposal is a plan, and the configuration that it is for.
type proposal struct {
	config, planned tftypes.Value
	private         []byte
}

// validate is what Terraform asks before it plans.
func (m *managed) validate(t reporter, config tftypes.Value) []*tfprotov6.Diagnostic {
	t.Helper()
	answer, err := m.server.ValidateResourceConfig(t.Context(), &tfprotov6.ValidateResourceConfigRequest{
		TypeName: m.name, Config: m.encode(t, config),
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	return answer.Diagnostics
}

// refresh reads the resource again. After an error the state is what it was.
func (m *managed) refresh(t reporter) []*tfprotov6.Diagnostic {
	t.Helper()
	if m.state.IsNull() {
		return nil
	}
	answer, err := m.server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: m.name, CurrentState: m.encode(t, m.state), Private: m.private,
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(errorsOf(answer.Diagnostics)) == 0 {
		m.state, m.private = m.decode(t, answer.NewState), answer.Private
	}
	return answer.Diagnostics
}

// plan validates and plans, and holds the plan to the configuration.
func (m *managed) plan(t reporter, config tftypes.Value) (proposal, []*tfprotov6.Diagnostic) {
	t.Helper()
	diagnostics := m.validate(t, config)
	if len(errorsOf(diagnostics)) > 0 {
		return proposal{}, diagnostics
	}
	answer, err := m.server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: m.name, Config: m.encode(t, config), PriorState: m.encode(t, m.state),
		ProposedNewState: m.encode(t, m.proposed(t, config)), PriorPrivate: m.private,
	})
	if err != nil {
		t.Fatal(err)
	}
	diagnostics = append(diagnostics, answer.Diagnostics...)
	if len(errorsOf(diagnostics)) > 0 {
		return proposal{}, diagnostics
	}
	if len(answer.RequiresReplace) > 0 {
		t.Fatalf("the plan replaces the resource, for %v", answer.RequiresReplace)
	}
	made := proposal{config, m.decode(t, answer.PlannedState), answer.PlannedPrivate}
	m.holdToConfiguration(t, made)
	return made, diagnostics
}

// apply plans once more, with all of config known, holds that to what was
// planned before, and carries it out.
func (m *managed) apply(t reporter, config tftypes.Value, before proposal) []*tfprotov6.Diagnostic {
	t.Helper()
	made, diagnostics := m.plan(t, config)
	if len(errorsOf(diagnostics)) > 0 {
		return diagnostics
	}
	if fault := inconsistency(before.planned, made.planned); fault != "" {
		t.Fatalf("inconsistent final plan: %s", fault)
	}
	if made.planned.Equal(m.state) {
		return diagnostics // an update that turns out to be none is not applied
	}
	return append(diagnostics, m.carryOut(t, made)...)
}

// carryOut applies a plan as it is.
func (m *managed) carryOut(t reporter, made proposal) []*tfprotov6.Diagnostic {
	t.Helper()
	answer, err := m.server.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: m.name, Config: m.encode(t, made.config), PriorState: m.encode(t, m.state),
		PlannedState: m.encode(t, made.planned), PlannedPrivate: made.private,
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(errorsOf(answer.Diagnostics)) > 0 {
		// Where there is no new state, Terraform keeps the one before.
		if answer.NewState != nil && !m.decode(t, answer.NewState).Equal(m.state) {
			t.Fatalf("an apply that failed changed the state: %s", inconsistency(m.state, m.decode(t, answer.NewState)))
		}
		return answer.Diagnostics
	}
	applied := m.decode(t, answer.NewState)
	if fault := inconsistency(made.planned, applied); fault != "" {
		t.Fatalf("inconsistent result after apply: %s", fault)
	}
	if !applied.IsFullyKnown() {
		t.Fatalf("not known after apply: %s", unknownIn(applied))
	}
	m.state, m.private = applied, answer.Private
	return answer.Diagnostics
}

// run is one terraform apply: refresh, plan, plan again, apply. It stops at the
// first call that refuses, and returns all that was reported.
func (m *managed) run(t reporter, config written) []*tfprotov6.Diagnostic {
	t.Helper()
	configured := valueOf(m.kind, config)
	diagnostics := m.refresh(t)
	if len(errorsOf(diagnostics)) > 0 {
		return diagnostics
	}
	made, more := m.plan(t, configured)
	diagnostics = append(diagnostics, more...)
	if len(errorsOf(more)) > 0 || made.planned.Equal(m.state) {
		return diagnostics
	}
	return append(diagnostics, m.apply(t, configured, made)...)
}

// must is run, without errors.
func (m *managed) must(t reporter, config written) {
	t.Helper()
	if refused := errorsOf(m.run(t, config)); len(refused) > 0 {
		t.Fatalf("unexpected error: %s", strings.Join(refused, "\n"))
	}
}

// importFrom imports from files, as terraform import does, and reads the result.
func (m *managed) importFrom(t reporter, id string) {
	t.Helper()
	answer, err := m.server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: m.name, ID: id})
	if err != nil {
		t.Fatal(err)
	}
	if refused := errorsOf(answer.Diagnostics); len(refused) > 0 {
		t.Fatalf("not imported: %s", strings.Join(refused, "\n"))
	}
	m.state, m.private = m.decode(t, answer.ImportedResources[0].State), answer.ImportedResources[0].Private
	if refused := errorsOf(m.refresh(t)); len(refused) > 0 {
		t.Fatalf("not readable after the import: %s", strings.Join(refused, "\n"))
	}
}

// importDrawn imports the certificate of a node, with its key or without.
func (m *managed) importDrawn(t *testing.T, graph *pkitest.Graph, name string, withKey bool) {
	t.Helper()
	key := ""
	if withKey {
		key = keyPEM(t, graph.Key(name))
	}
	m.importTexts(t, graph.PEM(name), key)
}

// importTexts imports a certificate, with its key unless that is empty.
func (m *managed) importTexts(t *testing.T, certificate, key string) {
	t.Helper()
	folder, err := os.MkdirTemp("", "imported") //nolint:usetesting // a test's folder has its name, and commas part the paths of an import
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	id := filepath.Join(folder, "cert.pem")
	files := map[string]string{id: certificate}
	if key != "" {
		file := filepath.Join(folder, "key.pem")
		files[file] = key
		id += "," + file
	}
	for file, text := range files {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m.importFrom(t, id)
}

// holdToConfiguration fails unless the plan is one that Terraform takes for the
// configuration: what is configured stands in it, or what the state had of it;
// what is not configured is computed, or null; write-only values are in no plan.
func (m *managed) holdToConfiguration(t reporter, made proposal) {
	t.Helper()
	config, planned, prior := m.values(t, made.config), m.values(t, made.planned), m.values(t, m.state)
	for _, attribute := range m.schema.Block.Attributes {
		name := attribute.Name
		before, had := prior[name]
		switch {
		case attribute.WriteOnly:
			if !planned[name].IsNull() {
				t.Fatalf("the plan has the write-only %s", name)
			}
		case planned[name].Equal(config[name]), attribute.Computed && config[name].IsNull():
		case had && !before.IsNull() && !config[name].IsNull() && planned[name].Equal(before):
		default:
			t.Fatalf("the plan for %s is not what is configured", name)
		}
	}
}

// proposed merges configuration and state as Terraform does: what only the
// provider knows stays as it was, and what is write-only is left out.
func (m *managed) proposed(t reporter, config tftypes.Value) tftypes.Value {
	t.Helper()
	merged, prior := m.values(t, config), m.values(t, m.state)
	for _, attribute := range m.schema.Block.Attributes {
		before, had := prior[attribute.Name]
		switch {
		case attribute.WriteOnly:
			merged[attribute.Name] = tftypes.NewValue(m.kind.AttributeTypes[attribute.Name], nil)
		case !attribute.Computed || !merged[attribute.Name].IsNull():
		case had:
			merged[attribute.Name] = before
		case m.state.IsNull():
			merged[attribute.Name] = tftypes.NewValue(m.kind.AttributeTypes[attribute.Name], tftypes.UnknownValue)
		}
	}
	return tftypes.NewValue(m.kind, merged)
}

// values are the attributes of an object, or the elements of a map; none of null.
// The map is the caller's: that of the value itself would be changed with it.
func (m *managed) values(t reporter, object tftypes.Value) map[string]tftypes.Value {
	t.Helper()
	var values map[string]tftypes.Value
	if !object.IsNull() {
		if err := object.As(&values); err != nil {
			t.Fatal(err)
		}
	}
	copied := map[string]tftypes.Value{}
	maps.Copy(copied, values)
	return copied
}

// text is a string of the state; empty if it is null.
func (m *managed) text(t reporter, attribute string) string {
	t.Helper()
	var text *string
	if err := m.values(t, m.state)[attribute].As(&text); err != nil {
		t.Fatal(err)
	}
	if text == nil {
		return ""
	}
	return *text
}

// texts is a map of strings of the state, without those that are null.
func (m *managed) texts(t reporter, attribute string) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for name, element := range m.values(t, m.values(t, m.state)[attribute]) {
		var text *string
		if err := element.As(&text); err != nil {
			t.Fatal(err)
		}
		if text != nil {
			texts[name] = *text
		}
	}
	return texts
}

// set damages the state, or makes it another one's: attributes as they are
// written, or as values.
func (m *managed) set(t reporter, changes written) {
	t.Helper()
	values := m.values(t, m.state)
	for name, value := range changes {
		values[name] = valueOf(m.kind.AttributeTypes[name], value)
	}
	m.state = tftypes.NewValue(m.kind, values)
}

// setEntry damages one element of a map in state. The element vanishes if the
// value is gone{}, and is null if it is nil.
func (m *managed) setEntry(t reporter, attribute, key string, value any) {
	t.Helper()
	elements := m.values(t, m.values(t, m.state)[attribute])
	if _, vanishes := value.(gone); vanishes {
		delete(elements, key)
	} else {
		elements[key] = tftypes.NewValue(tftypes.String, value)
	}
	m.set(t, written{attribute: tftypes.NewValue(m.kind.AttributeTypes[attribute], elements)})
}

// gone stands for an element that is not there.
type gone struct{}

// record is what the provider keeps in private state: its keys, each with the
// JSON object below it. The framework's own keys begin with a period.
func (m *managed) record(t reporter) map[string]map[string]any {
	t.Helper()
	var texts map[string][]byte
	if err := json.Unmarshal(m.private, &texts); err != nil {
		t.Fatal(err)
	}
	record := map[string]map[string]any{}
	for key, text := range texts {
		if strings.HasPrefix(key, ".") {
			continue
		}
		var values map[string]any
		if err := json.Unmarshal(text, &values); err != nil {
			t.Fatalf("%s is not an object: %s", key, text)
		}
		record[key] = values
	}
	if len(record) == 0 {
		t.Fatal("there is nothing in private state")
	}
	return record
}

func (m *managed) encode(t reporter, value tftypes.Value) *tfprotov6.DynamicValue {
	t.Helper()
	encoded, err := tfprotov6.NewDynamicValue(m.kind, value)
	if err != nil {
		t.Fatal(err)
	}
	return &encoded
}

func (m *managed) decode(t reporter, value *tfprotov6.DynamicValue) tftypes.Value {
	t.Helper()
	decoded, err := value.Unmarshal(m.kind)
	if err != nil {
		t.Fatal(err)
	}
	return decoded
}

// inconsistency says where a value is not what was promised, as Terraform sees
// it; nothing if it is. What was promised as unknown may be anything.
func inconsistency(promised, found tftypes.Value) string {
	if !promised.IsKnown() || promised.Equal(found) {
		return ""
	}
	var before, after map[string]tftypes.Value
	var beforeList, afterList []tftypes.Value
	switch {
	case promised.IsNull() || found.IsNull() || !found.IsKnown():
	case promised.As(&before) == nil && found.As(&after) == nil && len(before) == len(after):
		for name, value := range before {
			other, is := after[name]
			if !is {
				return name + " has vanished"
			}
			if fault := inconsistency(value, other); fault != "" {
				return name + ": " + fault
			}
		}
		return ""
	case promised.As(&beforeList) == nil && found.As(&afterList) == nil && len(beforeList) == len(afterList):
		for i, value := range beforeList {
			if fault := inconsistency(value, afterList[i]); fault != "" {
				return fmt.Sprintf("%d: %s", i, fault)
			}
		}
		return ""
	}
	return fmt.Sprintf("%.200v was promised, found %.200v", promised.String(), found.String())
}

// unknownIn names the attributes that are not fully known.
func unknownIn(object tftypes.Value) string {
	var values map[string]tftypes.Value
	if object.As(&values) != nil {
		return object.String()
	}
	var names []string
	for name, value := range values {
		if !value.IsFullyKnown() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// warningsOf are the warnings among diagnostics, as texts.
func warningsOf(diagnostics []*tfprotov6.Diagnostic) []string {
	var texts []string
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityWarning {
			texts = append(texts, fmt.Sprintf("%s: %s: %s", d.Attribute, d.Summary, d.Detail))
		}
	}
	return texts
}

// pkiPEM is what was issued, as a configuration provides it.
func pkiPEM(made *issue.Issued) string { return pki.EncodeCertificates(made.Certificate) }

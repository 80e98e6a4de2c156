package e2e

import (
	"crypto/tls"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trustplane/terraform-provider-mtls/internal/provider"
	"github.com/trustplane/terraform-provider-mtls/internal/server"
)

// A stage applies resources as Terraform does, refresh, plan and apply, through
// the protocol server that the release serves, under a clock that the test moves:
// years of daily applies in seconds.
type stage struct {
	t      *testing.T
	now    time.Time
	server tfprotov6.ProviderServer
	kinds  map[string]tftypes.Object
	// computed are the attributes of each type that the provider fills in.
	computed map[string][]string
	held     map[string]*held
}

// A held resource is what Terraform keeps of it.
type held struct {
	name    string // of its type
	kind    tftypes.Object
	state   tftypes.Value
	private []byte
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{t: t, now: time.Date(2026, time.March, 2, 6, 0, 0, 0, time.UTC), kinds: map[string]tftypes.Object{}, computed: map[string][]string{}, held: map[string]*held{}}
	var err error
	if s.server, err = server.New(provider.New("test", func() time.Time { return s.now })()); err != nil {
		t.Fatal(err)
	}
	schemas, err := s.server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for name, schema := range schemas.ResourceSchemas {
		s.kinds[name], _ = schema.ValueType().(tftypes.Object)
		for _, attribute := range schema.Block.Attributes {
			if attribute.Computed {
				s.computed[name] = append(s.computed[name], attribute.Name)
			}
		}
	}
	return s
}

// A values holds arguments by name: texts, lists of texts, and objects.
type values map[string]any

// apply applies one resource, as terraform apply does, and returns what is then in
// its state. The type is what stands before the first period of the address.
func (s *stage) apply(address string, config values) map[string]tftypes.Value {
	s.t.Helper()
	name, _, _ := strings.Cut(address, ".")
	h := s.held[address]
	if h == nil {
		h = &held{name: name, kind: s.kinds[name], state: tftypes.NewValue(s.kinds[name], nil)}
		s.held[address] = h
	}
	if !h.state.IsNull() {
		read, err := s.server.ReadResource(s.t.Context(), &tfprotov6.ReadResourceRequest{TypeName: name, CurrentState: s.encode(h.kind, h.state), Private: h.private})
		s.sound(address, err, read.Diagnostics)
		h.state, h.private = s.decode(h.kind, read.NewState), read.Private
	}
	configured := s.object(h.kind, config)
	planned, err := s.server.PlanResourceChange(s.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: name, Config: s.encode(h.kind, configured), PriorState: s.encode(h.kind, h.state),
		ProposedNewState: s.encode(h.kind, s.proposed(h, config)), PriorPrivate: h.private,
	})
	s.sound(address, err, planned.Diagnostics)
	if plan := s.decode(h.kind, planned.PlannedState); !plan.Equal(h.state) {
		applied, err := s.server.ApplyResourceChange(s.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
			TypeName: name, Config: s.encode(h.kind, configured), PriorState: s.encode(h.kind, h.state),
			PlannedState: s.encode(h.kind, plan), PlannedPrivate: planned.PlannedPrivate,
		})
		s.sound(address, err, applied.Diagnostics)
		h.state, h.private = s.decode(h.kind, applied.NewState), applied.Private
	}
	return s.attributes(h.state)
}

// proposed is the configuration, without what is write-only, and with what the
// provider computes out of the state.
func (s *stage) proposed(h *held, config values) tftypes.Value {
	merged := maps.Clone(config)
	delete(merged, "issuer")
	if !h.state.IsNull() {
		for name, value := range s.attributes(h.state) {
			if _, given := merged[name]; !given && slices.Contains(s.computed[h.name], name) {
				merged[name] = value
			}
		}
	}
	return s.object(h.kind, merged)
}

func (s *stage) attributes(object tftypes.Value) map[string]tftypes.Value {
	s.t.Helper()
	var all map[string]tftypes.Value
	if err := object.As(&all); err != nil {
		s.t.Fatal(err)
	}
	return all
}

// object is what is given, in the type of a resource or of an object in it; null
// for what is not.
func (s *stage) object(kind tftypes.Object, given map[string]any) tftypes.Value {
	all := map[string]tftypes.Value{}
	for name, of := range kind.AttributeTypes {
		all[name] = s.value(of, given[name])
	}
	return tftypes.NewValue(kind, all)
}

func (s *stage) value(kind tftypes.Type, given any) tftypes.Value {
	switch given := given.(type) {
	case tftypes.Value:
		return given
	case values:
		if object, is := kind.(tftypes.Object); is {
			return s.object(object, given)
		}
		elements := map[string]tftypes.Value{}
		for name, value := range given {
			elements[name] = s.value(tftypes.String, value)
		}
		return tftypes.NewValue(kind, elements)
	case []string:
		var elements []tftypes.Value
		for _, text := range given {
			elements = append(elements, tftypes.NewValue(tftypes.String, text))
		}
		return tftypes.NewValue(kind, elements)
	default:
		return tftypes.NewValue(kind, given)
	}
}

// issuerOf is a whole CA as an issuer: the attributes that an issuer has.
func (s *stage) issuerOf(ca map[string]tftypes.Value) values {
	kind, _ := s.kinds["mtls_control_plane_ca"].AttributeTypes["issuer"].(tftypes.Object)
	issuer := values{}
	for name := range kind.AttributeTypes {
		if value, is := ca[name]; is {
			issuer[name] = value
		}
	}
	return issuer
}

func (s *stage) sound(address string, err error, diagnostics []*tfprotov6.Diagnostic) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("%s: %s: %v", s.now, address, err)
	}
	for _, one := range diagnostics {
		if one.Severity == tfprotov6.DiagnosticSeverityError {
			s.t.Fatalf("%s: %s: %s: %s", s.now, address, one.Summary, one.Detail)
		}
	}
}

func (s *stage) encode(kind tftypes.Type, value tftypes.Value) *tfprotov6.DynamicValue {
	s.t.Helper()
	encoded, err := tfprotov6.NewDynamicValue(kind, value)
	if err != nil {
		s.t.Fatal(err)
	}
	return &encoded
}

func (s *stage) decode(kind tftypes.Type, value *tfprotov6.DynamicValue) tftypes.Value {
	s.t.Helper()
	decoded, err := value.Unmarshal(kind)
	if err != nil {
		s.t.Fatal(err)
	}
	return decoded
}

// text is an attribute that is a text.
func text(attributes map[string]tftypes.Value, name string) string {
	var text string
	_ = attributes[name].As(&text) // null is the empty text
	return text
}

// generation is the number of what is presented.
func generation(attributes map[string]tftypes.Value) string {
	number := new(big.Float)
	if attributes["generation"].As(&number) != nil || number == nil {
		return ""
	}
	whole, _ := number.Int64()
	return strconv.FormatInt(whole, 10)
}

// pairOf is a chain with its key, as a process reads them from two files.
func pairOf(t *testing.T, chainPEM, keyPEM string) tls.Certificate {
	t.Helper()
	pair, err := tls.X509KeyPair([]byte(chainPEM), []byte(keyPEM))
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/lifecycle"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

// encode writes every output of a resource into the plan. What means the same as
// in the state, or else as in the configuration, is spelled as it is there:
// another line ending is no change. Either may be missing.
func (m models) encode(result lifecycle.Result) {
	where, into := inResource, m.plan.certificate().Outputs
	if _, uploads := m.plan.overlap(); uploads {
		where |= inUpload
	}
	if m.plan.profile() == issue.ControlPlaneCA {
		where |= inCA
	}
	before, configured := tfvalue.Rest{}, tfvalue.Rest{}
	if m.state != nil {
		before = m.state.certificate().Outputs
	}
	if m.config != nil {
		configured = m.config.certificate().Outputs
	}
	for one := range outputsIn(where) {
		into[one.name] = spelled(one.of(result), before[one.name], configured[one.name])
		if argument := configured[one.name]; one.argument && argument != nil && argument.IsUnknown() {
			into[one.name] = argument // it may turn out to be null
		}
	}
}

// spelled is value, as the state or else the configuration spells it, if that
// means the same; either may be nil.
func spelled(value, state, configured attr.Value) attr.Value {
	switch value := value.(type) {
	case tfvalue.PEM:
		for _, other := range [...]attr.Value{state, configured} {
			if text := pemOf(other); text.Same(value) {
				return text
			}
		}
	case types.Map:
		elements, before := value.Elements(), elementsOf(state)
		for name, element := range elements {
			elements[name] = spelled(element, before[name], nil)
		}
		if !value.IsUnknown() {
			return types.MapValueMust(tfvalue.PEMType{}, elements)
		}
	}
	return value
}

// moveClock writes what the clock says, and reports whether that is news.
func moveClock(into tfvalue.Rest, result lifecycle.Result) (moved bool) {
	for _, one := range outputs {
		if one.clock {
			value := one.of(result)
			moved = moved || !value.Equal(into[one.name])
			into[one.name] = value
		}
	}
	return moved
}

// keepToPlan puts back what the plan said of the clock: that was said on the
// plan's clock.
func keepToPlan(applied, planned tfvalue.Rest) {
	for _, one := range outputs {
		if value, is := planned[one.name]; is && one.clock && !value.IsUnknown() {
			applied[one.name] = value
		}
	}
}

// promise is what the plan said of a resource.
func (m models) promise(d *decoded) lifecycle.Promise {
	outputs := m.plan.certificate().Outputs
	promise := lifecycle.Promise{At: d.Record.DecidedAt(d.Now), Issuer: plannedIssuer(outputs)}
	action := lifecycle.Rotate
	if planned, is := outputs["generation"].(types.Int64); is && m.state != nil {
		next, _ := outputs["next_generation"].(types.Int64)
		action = d.Slots[0].Prior.Planned(planned.ValueInt64(), next.ValueInt64())
		if planned.IsUnknown() {
			action = lifecycle.Defer
		}
		if next.ValueInt64() != 0 {
			// The issuer of what is presented, while another one may be configured.
			promise.Issuer = lifecycle.Value[string]{}
		}
	}
	promise.Actions = []lifecycle.Action{action}
	return promise
}

// plannedIssuer is the issuer's fingerprint among outputs.
func plannedIssuer(outputs tfvalue.Rest) lifecycle.Value[string] {
	if fingerprint := outputs["issuer_fingerprint_sha256"]; fingerprint != nil && !fingerprint.IsUnknown() {
		return lifecycle.Known(stringOf(fingerprint))
	}
	return lifecycle.Value[string]{}
}

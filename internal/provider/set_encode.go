package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/lifecycle"
)

// encode writes every output of a set into the plan.
func (s *setModels) encode(d *decoded, results []lifecycle.Result) {
	for _, one := range outputs {
		if one.set.name == "" {
			continue
		}
		var before map[string]attr.Value
		if s.state != nil {
			before = elementsOf(s.state.Outputs[one.set.name])
		}
		values := make(map[string]attr.Value, len(results))
		for _, result := range results {
			values[result.Name] = spelled(one.ofNode(result), before[result.Name], nil)
		}
		s.plan.Outputs[one.set.name] = types.MapValueMust(one.elementType(), values)
	}
	whole := ofSet(results)
	whole.Issuer = d.Issuer.Fingerprint()
	if len(results) > 0 {
		whole.Issuer = results[0].Issuer
	}
	for one := range outputsIn(inSet) {
		s.plan.Outputs[one.name] = one.of(whole)
	}
}

// ofSet is the result that says of a set when the first of its nodes is due.
func ofSet(results []lifecycle.Result) lifecycle.Result {
	first, due := lifecycle.FirstRenewal(results)
	return lifecycle.Result{RenewalAt: first, RenewalDue: due}
}

// setUnknown makes unknown all that comes out, the nodes among it.
func (m *dataplaneCertificateSetModel) setUnknown() {
	for _, one := range outputs {
		if one.set.name != "" {
			m.Outputs[one.set.name] = types.MapUnknown(one.elementType())
		}
		if one.in&inSet != 0 {
			m.Outputs[one.name] = unknownOf(one.kind)
		}
	}
}

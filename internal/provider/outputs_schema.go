package provider

import (
	"crypto/x509"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	datasource "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	ephemeral "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	resource "github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/trustplane/terraform-provider-mtls/internal/lifecycle"
)

// resourceOutputs are the computed attributes of a certificate resource.
func resourceOutputs(where places) map[string]resource.Attribute {
	attributes := map[string]resource.Attribute{}
	for one := range outputsIn(where) {
		if !one.argument {
			attributes[one.name] = one.inResourceSchema()
		}
	}
	return attributes
}

func (o output) inResourceSchema() resource.Attribute {
	switch kind := o.kind.(type) {
	case types.MapType:
		return resource.MapAttribute{ElementType: kind.ElemType, Computed: true, MarkdownDescription: o.description}
	case types.ListType:
		return resource.ListAttribute{ElementType: kind.ElemType, Computed: true, MarkdownDescription: o.description}
	case basetypes.Int64Type:
		return resource.Int64Attribute{Computed: true, MarkdownDescription: o.description}
	case basetypes.BoolType:
		return resource.BoolAttribute{Computed: true, MarkdownDescription: o.description}
	default:
		return resource.StringAttribute{CustomType: o.text(), Computed: true, Sensitive: o.sensitive, MarkdownDescription: o.description}
	}
}

// text is the type of an output that is a string of some kind.
func (o output) text() basetypes.StringTypable {
	kind, _ := o.kind.(basetypes.StringTypable)
	return kind
}

// setOutputs are the maps by node of a set.
func setOutputs() map[string]resource.Attribute {
	attributes := map[string]resource.Attribute{}
	for _, one := range outputs {
		if one.set.name != "" {
			attributes[one.set.name] = resource.MapAttribute{
				ElementType: one.elementType(), Computed: true, Sensitive: one.sensitive,
				MarkdownDescription: one.set.description + " A map with one entry per node.",
			}
		}
	}
	return attributes
}

// setOutput is the name of an output's map in a set; empty if it has none.
func setOutput(name string) string {
	at := slices.IndexFunc(outputs, func(one output) bool { return one.name == name })
	if at < 0 {
		return ""
	}
	return outputs[at].set.name
}

// elementType is the type of a node's value in the map of a set: instants are
// plain strings there.
func (o output) elementType() attr.Type {
	if _, is := o.kind.(timetypes.RFC3339Type); is {
		return types.StringType
	}
	return o.kind
}

// ofNode is the output's value for one node of a set.
func (o output) ofNode(result lifecycle.Result) attr.Value {
	if instant, is := o.of(result).(timetypes.RFC3339); is {
		return instant.StringValue
	}
	return o.of(result)
}

// ephemeralOutputs are the results of an ephemeral certificate.
func ephemeralOutputs() map[string]ephemeral.Attribute {
	attributes := map[string]ephemeral.Attribute{}
	for one := range outputsIn(inEphemeral) {
		attributes[one.name] = ephemeral.StringAttribute{CustomType: one.text(), Computed: true, Sensitive: one.sensitive, MarkdownDescription: one.description}
	}
	return attributes
}

// certificateTypes are the types of the certificate object's attributes. It
// leaves out the certificate's PEM: whoever has the object gave it.
func certificateTypes() map[string]attr.Type {
	kinds := map[string]attr.Type{}
	for one := range outputsIn(inObject) {
		kinds[one.name] = one.kind
	}
	return kinds
}

// certificateAttributes is the certificate object in a data source's schema.
func certificateAttributes() map[string]datasource.Attribute {
	attributes := map[string]datasource.Attribute{}
	for one := range outputsIn(inObject) {
		switch kind := one.kind.(type) {
		case types.ListType:
			attributes[one.name] = datasource.ListAttribute{Computed: true, ElementType: kind.ElemType, MarkdownDescription: one.description}
		case basetypes.BoolType:
			attributes[one.name] = datasource.BoolAttribute{Computed: true, MarkdownDescription: one.description}
		default:
			attributes[one.name] = datasource.StringAttribute{CustomType: one.text(), Computed: true, MarkdownDescription: one.description}
		}
	}
	return attributes
}

// certificateValues are the attributes of the certificate object.
func certificateValues(certificate *x509.Certificate) map[string]attr.Value {
	values, result := map[string]attr.Value{}, lifecycle.Describe(certificate)
	for one := range outputsIn(inObject) {
		values[one.name] = one.of(result)
	}
	return values
}

// certificateObject describes one certificate; null for nil.
func certificateObject(certificate *x509.Certificate) types.Object {
	if certificate == nil {
		return types.ObjectNull(certificateTypes())
	}
	return types.ObjectValueMust(certificateTypes(), certificateValues(certificate))
}

// certificateObjects describes several; null for none at all (nil).
func certificateObjects(certificates []*x509.Certificate) types.List {
	kind := types.ObjectType{AttrTypes: certificateTypes()}
	if certificates == nil {
		return types.ListNull(kind)
	}
	objects := make([]attr.Value, 0, len(certificates))
	for _, certificate := range certificates {
		objects = append(objects, certificateObject(certificate))
	}
	return types.ListValueMust(kind, objects)
}

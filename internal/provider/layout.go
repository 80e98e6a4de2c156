package provider

import (
	"context"
	"fmt"
	"reflect"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/attr/xattr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// A layout knows which field of a model holds which attribute. The framework's
// own Get and Set find that out anew in each call, compiling a regular
// expression for each field, which took a seventh of the provider's time for a
// thousand certificates.
type layout struct {
	object tftypes.Type
	fields []field
}

type field struct {
	attribute string
	kind      attr.Type
	index     []int // as reflect counts
}

// typed is the schema of a configuration, plan or state.
type typed interface{ Type() attr.Type }

// layouts are those of the models that a provider has met, by the model's type.
// The zero value has met none.
type layouts struct{ met sync.Map }

// read reads the values of a configuration, plan or state into a model, given by
// its pointer: a struct whose fields are attr.Values tagged tfsdk.
func (all *layouts) read(ctx context.Context, from tftypes.Value, schema typed, into any, diagnostics *diag.Diagnostics) {
	model := reflect.ValueOf(into).Elem()
	if l := all.of(ctx, model.Type(), schema, diagnostics); l != nil {
		l.read(ctx, from, model, diagnostics)
	}
}

// write makes the values of a plan or state out of a model, given by its
// pointer. They stay as they are if that cannot be done.
func (all *layouts) write(ctx context.Context, to *tftypes.Value, schema typed, from any, diagnostics *diag.Diagnostics) {
	model := reflect.ValueOf(from).Elem()
	if l := all.of(ctx, model.Type(), schema, diagnostics); l != nil {
		l.write(ctx, to, model, diagnostics)
	}
}

// of returns the layout of a model; nil, which is told, if it does not fit the
// schema.
func (all *layouts) of(ctx context.Context, model reflect.Type, schema typed, diagnostics *diag.Diagnostics) *layout {
	if met, ok := all.met.Load(model); ok {
		known, _ := met.(*layout)
		return known
	}
	made, kinds := &layout{object: schema.Type().TerraformType(ctx)}, map[string]attr.Type{}
	if object, ok := schema.Type().(attr.TypeWithAttributeTypes); ok {
		kinds = object.AttributeTypes()
	}
	for _, one := range reflect.VisibleFields(model) {
		if kind, is := kinds[one.Tag.Get("tfsdk")]; is {
			made.fields = append(made.fields, field{one.Tag.Get("tfsdk"), kind, one.Index})
		}
	}
	if len(made.fields) != len(kinds) {
		diagnostics.AddError("Model does not fit its schema", fmt.Sprintf("%v holds %d of %d attributes. This is a fault of the provider.", model, len(made.fields), len(kinds)))
		return nil
	}
	all.met.Store(model, made)
	return made
}

func (l *layout) read(ctx context.Context, from tftypes.Value, model reflect.Value, diagnostics *diag.Diagnostics) {
	var values map[string]tftypes.Value
	if err := from.As(&values); err != nil {
		diagnostics.AddError("Unreadable values", err.Error())
		return
	}
	for _, one := range l.fields {
		value, err := one.kind.ValueFromTerraform(ctx, values[one.attribute])
		if err != nil {
			diagnostics.AddAttributeError(path.Root(one.attribute), "Unreadable value", err.Error())
			continue
		}
		if checked, is := value.(xattr.ValidateableAttribute); is {
			var response xattr.ValidateAttributeResponse
			checked.ValidateAttribute(ctx, xattr.ValidateAttributeRequest{Path: path.Root(one.attribute)}, &response)
			diagnostics.Append(response.Diagnostics...)
		}
		model.FieldByIndex(one.index).Set(reflect.ValueOf(value))
	}
}

func (l *layout) write(ctx context.Context, to *tftypes.Value, model reflect.Value, diagnostics *diag.Diagnostics) {
	values := make(map[string]tftypes.Value, len(l.fields))
	for _, one := range l.fields {
		held, _ := reflect.TypeAssert[attr.Value](model.FieldByIndex(one.index))
		value, err := held.ToTerraformValue(ctx)
		if err != nil {
			diagnostics.AddAttributeError(path.Root(one.attribute), "Value not written", err.Error())
			return
		}
		values[one.attribute] = value
	}
	*to = tftypes.NewValue(l.object, values)
}

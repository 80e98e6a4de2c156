package tfvalue

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

// A Codec decodes the values of a configuration, plan or state into a model, and
// encodes a model into them. A model is a struct whose fields are attr.Values
// with the name of their attribute as the tag tfsdk, and one of type [Rest], with
// the tag *, for all other attributes of the schema. The zero value is ready.
//
// The framework's own Get and Set find out which field is which anew in each
// call, compiling a regular expression for each field, which took a seventh of
// the provider's time for a thousand certificates
// (github.com/hashicorp/terraform-plugin-framework/issues/725).
type Codec struct{ met sync.Map }

// Rest are the attributes of a model that have no field of their own, by name.
type Rest map[string]attr.Value

// Typed is the schema of a configuration, plan or state.
type Typed interface{ Type() attr.Type }

// Decode reads from, which has the type of schema, into the model that into
// points at.
func (c *Codec) Decode(ctx context.Context, from tftypes.Value, schema Typed, into any, diagnostics *diag.Diagnostics) {
	model := reflect.ValueOf(into).Elem()
	if l := c.layoutOf(ctx, model.Type(), schema, diagnostics); l != nil {
		l.decode(ctx, from, model, diagnostics)
	}
}

// Encode writes the model that from points at into to, which has the type of
// schema. It stays as it is if that cannot be done.
func (c *Codec) Encode(ctx context.Context, to *tftypes.Value, schema Typed, from any, diagnostics *diag.Diagnostics) {
	model := reflect.ValueOf(from).Elem()
	if l := c.layoutOf(ctx, model.Type(), schema, diagnostics); l != nil {
		l.encode(ctx, to, model, diagnostics)
	}
}

// A layout knows which field of a model holds which attribute.
type layout struct {
	object tftypes.Type
	fields []field
	// rest is where [Rest] is, as reflect counts; nil if the model has none.
	rest []int
}

// A field is one attribute; index is nil for one of [Rest].
type field struct {
	attribute string
	kind      attr.Type
	index     []int
}

// layoutOf returns the layout of a model; nil, which is reported, if it does not
// fit the schema.
func (c *Codec) layoutOf(ctx context.Context, model reflect.Type, schema Typed, diagnostics *diag.Diagnostics) *layout {
	if met, ok := c.met.Load(model); ok {
		known, _ := met.(*layout)
		return known
	}
	made, kinds := &layout{object: schema.Type().TerraformType(ctx)}, map[string]attr.Type{}
	if object, ok := schema.Type().(attr.TypeWithAttributeTypes); ok {
		kinds = object.AttributeTypes()
	}
	fields := map[string]bool{}
	for _, one := range reflect.VisibleFields(model) {
		name := one.Tag.Get("tfsdk")
		if kind, is := kinds[name]; is {
			made.fields = append(made.fields, field{name, kind, one.Index})
			fields[name] = true
		} else if name == "*" {
			made.rest = one.Index
		}
	}
	if made.rest != nil {
		for name, kind := range kinds {
			if !fields[name] {
				made.fields = append(made.fields, field{name, kind, nil})
			}
		}
	}
	if len(made.fields) != len(kinds) {
		diagnostics.AddError("Model does not fit its schema", fmt.Sprintf("%v holds %d of %d attributes. This is a bug in the provider.", model, len(made.fields), len(kinds)))
		return nil
	}
	c.met.Store(model, made)
	return made
}

func (l *layout) decode(ctx context.Context, from tftypes.Value, model reflect.Value, diagnostics *diag.Diagnostics) {
	var values map[string]tftypes.Value
	if err := from.As(&values); err != nil {
		diagnostics.AddError("Unreadable values", err.Error())
		return
	}
	rest := Rest{}
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
		if one.index == nil {
			rest[one.attribute] = value
		} else {
			model.FieldByIndex(one.index).Set(reflect.ValueOf(value))
		}
	}
	if l.rest != nil {
		model.FieldByIndex(l.rest).Set(reflect.ValueOf(rest))
	}
}

func (l *layout) encode(ctx context.Context, to *tftypes.Value, model reflect.Value, diagnostics *diag.Diagnostics) {
	var rest Rest
	if l.rest != nil {
		rest, _ = reflect.TypeAssert[Rest](model.FieldByIndex(l.rest))
	}
	values := make(map[string]tftypes.Value, len(l.fields))
	for _, one := range l.fields {
		held := rest[one.attribute]
		if one.index != nil {
			held, _ = reflect.TypeAssert[attr.Value](model.FieldByIndex(one.index))
		}
		if held == nil {
			diagnostics.AddAttributeError(path.Root(one.attribute), "Value not written", "The value is missing. This is a bug in the provider.")
			return
		}
		value, err := held.ToTerraformValue(ctx)
		if err != nil {
			diagnostics.AddAttributeError(path.Root(one.attribute), "Value not written", err.Error())
			return
		}
		values[one.attribute] = value
	}
	*to = tftypes.NewValue(l.object, values)
}

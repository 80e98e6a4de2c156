package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

var (
	_ basetypes.StringTypable                    = pemType{}
	_ basetypes.StringValuableWithSemanticEquals = pemValue{}
)

// pemType is a string of PEM blocks. Two values are the same if their blocks
// hold the same bytes: line endings and a final newline are no difference.
type pemType struct{ basetypes.StringType }

func (t pemType) Equal(other attr.Type) bool {
	_, ok := other.(pemType)
	return ok
}

func (t pemType) String() string { return "pemType" }

func (t pemType) ValueType(context.Context) attr.Value { return pemValue{} }

func (t pemType) ValueFromString(_ context.Context, value basetypes.StringValue) (basetypes.StringValuable, diag.Diagnostics) {
	return pemValue{StringValue: value}, nil
}

func (t pemType) ValueFromTerraform(ctx context.Context, value tftypes.Value) (attr.Value, error) {
	decoded, err := t.StringType.ValueFromTerraform(ctx, value)
	if err != nil {
		return nil, err
	}
	text, ok := decoded.(basetypes.StringValue)
	if !ok {
		return nil, fmt.Errorf("a string is meant, not %T", decoded)
	}
	return pemValue{StringValue: text}, nil
}

// pemValue is a value of [pemType].
type pemValue struct{ basetypes.StringValue }

func newPEM(text string) pemValue { return pemValue{basetypes.NewStringValue(text)} }
func nullPEM() pemValue           { return pemValue{basetypes.NewStringNull()} }
func unknownPEM() pemValue        { return pemValue{basetypes.NewStringUnknown()} }

func (v pemValue) Type(context.Context) attr.Type { return pemType{} }

func (v pemValue) Equal(other attr.Value) bool {
	text, ok := other.(pemValue)
	return ok && v.StringValue.Equal(text.StringValue)
}

func (v pemValue) StringSemanticEquals(_ context.Context, other basetypes.StringValuable) (bool, diag.Diagnostics) {
	text, ok := other.(pemValue)
	return ok && v.same(text), nil
}

// String is what the framework writes into its logs of a value that it compares.
// It shows nothing of it, since it may be a private key.
func (v pemValue) String() string {
	if !known(v) {
		return v.StringValue.String()
	}
	return "(PEM)"
}

// same reports whether both values are known and hold the same blocks.
func (v pemValue) same(other pemValue) bool {
	return known(v) && known(other) && pki.SamePEM(v.ValueString(), other.ValueString())
}

// known reports whether a value is neither unknown nor null.
func known(value attr.Value) bool { return !value.IsUnknown() && !value.IsNull() }

package tfvalue

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
	_ basetypes.StringTypable                    = PEMType{}
	_ basetypes.StringValuableWithSemanticEquals = PEM{}
)

// PEMType is a string of PEM blocks. Two values are the same if their blocks
// hold the same bytes: line endings and a final newline are no difference.
type PEMType struct{ basetypes.StringType }

// Equal reports whether other is the type of PEM, too.
func (t PEMType) Equal(other attr.Type) bool {
	_, ok := other.(PEMType)
	return ok
}

func (t PEMType) String() string { return "PEMType" }

// ValueType is a value of the type.
func (t PEMType) ValueType(context.Context) attr.Value { return PEM{} }

// ValueFromString takes any text: what it holds is for validators to say.
func (t PEMType) ValueFromString(_ context.Context, value basetypes.StringValue) (basetypes.StringValuable, diag.Diagnostics) {
	return PEM{StringValue: value}, nil
}

// ValueFromTerraform decodes a string; an error for another type.
func (t PEMType) ValueFromTerraform(ctx context.Context, value tftypes.Value) (attr.Value, error) {
	decoded, err := t.StringType.ValueFromTerraform(ctx, value)
	if err != nil {
		return nil, err
	}
	text, ok := decoded.(basetypes.StringValue)
	if !ok {
		return nil, fmt.Errorf("expected a string, not %T", decoded)
	}
	return PEM{StringValue: text}, nil
}

// PEM is a value of [PEMType].
type PEM struct{ basetypes.StringValue }

// NewPEM is a known value.
func NewPEM(text string) PEM { return PEM{basetypes.NewStringValue(text)} }

// NullPEM is the null value.
func NullPEM() PEM { return PEM{basetypes.NewStringNull()} }

// UnknownPEM is the unknown value.
func UnknownPEM() PEM { return PEM{basetypes.NewStringUnknown()} }

// Type is [PEMType].
func (v PEM) Type(context.Context) attr.Type { return PEMType{} }

// Equal reports whether other is the same text, or as unknown or null.
func (v PEM) Equal(other attr.Value) bool {
	text, ok := other.(PEM)
	return ok && v.StringValue.Equal(text.StringValue)
}

// StringSemanticEquals is [PEM.Same], as the framework asks it.
func (v PEM) StringSemanticEquals(_ context.Context, other basetypes.StringValuable) (bool, diag.Diagnostics) {
	text, ok := other.(PEM)
	return ok && v.Same(text), nil
}

// String is what the framework writes into its logs of a value that it compares.
// It shows nothing of it, since it may be a private key.
func (v PEM) String() string {
	if !Known(v) {
		return v.StringValue.String()
	}
	return "(PEM)"
}

// Same reports whether both values are known and hold the same blocks.
func (v PEM) Same(other PEM) bool {
	return Known(v) && Known(other) && pki.SamePEM(v.ValueString(), other.ValueString())
}

// Known reports whether a value is neither unknown nor null.
func Known(value attr.Value) bool { return !value.IsUnknown() && !value.IsNull() }

package tfvalue

import (
	"crypto/x509"
	"math"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// A Reader turns Terraform's values into Go's. An unknown value is left out and
// noted; what is known can be checked all the same. The zero value is ready.
type Reader struct {
	// Unknown is true once a value was not known yet.
	Unknown bool
	// positions maps the index of each known element of a list to its index in
	// the configuration, for lists that have unknown elements.
	positions map[string][]int
}

// Known reports whether a value can be read, and notes it if it is unknown.
func (r *Reader) Known(value attr.Value) bool {
	if value.IsUnknown() {
		r.Unknown = true
	}
	return Known(value)
}

// Strings reads a list, whose field is its name in [Reader.Position]. Null gives
// nil.
func (r *Reader) Strings(field string, list types.List) []string {
	if !r.Known(list) {
		return nil
	}
	values := make([]string, 0, len(list.Elements()))
	positions := make([]int, 0, len(list.Elements()))
	for i, element := range list.Elements() {
		if text, ok := element.(types.String); ok && r.Known(text) {
			values = append(values, text.ValueString())
			positions = append(positions, i)
		}
	}
	if len(positions) < len(list.Elements()) {
		if r.positions == nil {
			r.positions = map[string][]int{}
		}
		r.positions[field] = positions
	}
	return values
}

// Position is the index in the configuration of an element that was read, by its
// index among those that were.
func (r *Reader) Position(field string, index int) int {
	if positions := r.positions[field]; index < len(positions) {
		return positions[index]
	}
	return index
}

// String reads a string; null gives the empty one.
func (r *Reader) String(value types.String) string {
	if !r.Known(value) {
		return ""
	}
	return value.ValueString()
}

// Duration reads a duration that has been validated; null gives nil.
func (r *Reader) Duration(value types.String) *time.Duration {
	if !r.Known(value) {
		return nil
	}
	duration, err := time.ParseDuration(value.ValueString())
	if err != nil {
		return nil
	}
	return &duration
}

// DurationOr reads a duration that has been validated; null and unknown give the
// default.
func (r *Reader) DurationOr(value types.String, byDefault time.Duration) time.Duration {
	if duration := r.Duration(value); duration != nil {
		return *duration
	}
	return byDefault
}

// Number reads a whole number; null gives nil. One beyond 32 bits, which is the
// least that int has, gives the nearest that is not.
func (r *Reader) Number(value types.Int64) *int {
	if !r.Known(value) {
		return nil
	}
	number := int(min(max(value.ValueInt64(), math.MinInt32), math.MaxInt32))
	return &number
}

// CSR reads a certificate request; nil if it is null, unknown or cannot be read.
func (r *Reader) CSR(value PEM) *x509.CertificateRequest {
	if !r.Known(value) {
		return nil
	}
	request, err := pki.ParseCSR(value.ValueString())
	if err != nil {
		return nil
	}
	return request
}

// Attribute reads one string of an object; null and missing give the empty one.
func (r *Reader) Attribute(object types.Object, name string) string {
	if text, ok := object.Attributes()[name].(types.String); ok {
		return r.String(text)
	}
	return ""
}

// List reads one list of strings of an object, as [Reader.Strings] does; missing
// gives nil. field is the name of the list for its positions.
func (r *Reader) List(field string, object types.Object, name string) []string {
	list, ok := object.Attributes()[name].(types.List)
	if !ok {
		return nil
	}
	return r.Strings(field, list)
}

// Optional reads one string of an object as a list of at most one: null, unknown
// and missing give none.
func (r *Reader) Optional(object types.Object, name string) []string {
	value, ok := object.Attributes()[name].(types.String)
	if !ok || !r.Known(value) {
		return nil
	}
	return []string{value.ValueString()}
}

package provider

import (
	"crypto/x509"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// A reader turns Terraform's values into the engine's. An unknown value is left
// out and noted; what is known can be checked all the same.
type reader struct {
	// incomplete is true once a value was not known yet.
	incomplete bool
	// positions maps the index of each known element of a list to its index in
	// the configuration, for lists that have unknown elements.
	positions map[string][]int
}

func newReader() *reader { return &reader{positions: map[string][]int{}} }

// known reports whether a value can be read, and notes it if it is unknown.
func (r *reader) known(value attr.Value) bool {
	if value.IsUnknown() {
		r.incomplete = true
	}
	return known(value)
}

// strings reads a list. Null gives nil.
func (r *reader) strings(field string, list types.List) []string {
	if !r.known(list) {
		return nil
	}
	values := make([]string, 0, len(list.Elements()))
	positions := make([]int, 0, len(list.Elements()))
	for i, element := range list.Elements() {
		if text, ok := element.(types.String); ok && r.known(text) {
			values = append(values, text.ValueString())
			positions = append(positions, i)
		}
	}
	r.positions[field] = positions
	return values
}

// string reads a string; null gives the empty one.
func (r *reader) string(value types.String) string {
	if !r.known(value) {
		return ""
	}
	return value.ValueString()
}

// duration reads a duration that has been validated; null gives zero.
func (r *reader) duration(value types.String) time.Duration {
	if !r.known(value) {
		return 0
	}
	duration, _ := time.ParseDuration(value.ValueString())
	return duration
}

// number reads a whole number; null gives nil.
func (r *reader) number(value types.Int64) *int {
	if !r.known(value) {
		return nil
	}
	number := int(value.ValueInt64())
	return &number
}

// signingRequest reads a signing request that validation has parsed before.
func (r *reader) signingRequest(value pemValue) *x509.CertificateRequest {
	if !r.known(value) {
		return nil
	}
	request, err := pki.ParseCertificateRequest(value.ValueString())
	if err != nil {
		return nil
	}
	return request
}

// purposes reads extended key usages.
func (r *reader) purposes(list types.List) []x509.ExtKeyUsage {
	var usages []x509.ExtKeyUsage
	for _, name := range r.strings("extended_key_usages", list) {
		switch name {
		case clientAuth:
			usages = append(usages, x509.ExtKeyUsageClientAuth)
		case serverAuth:
			usages = append(usages, x509.ExtKeyUsageServerAuth)
		}
	}
	return usages
}

// The extended key usages of a data plane, as users write them.
const clientAuth, serverAuth = "client_auth", "server_auth"

func purposeNames() []string { return []string{clientAuth, serverAuth} }

// attribute reads one string of an object; null and missing give the empty one.
func (r *reader) attribute(object types.Object, name string) string {
	if text, ok := object.Attributes()[name].(types.String); ok {
		return r.string(text)
	}
	return ""
}

// several reads one string of an object into a list of it; null and missing give
// none, and so does what is not known.
func (r *reader) several(object types.Object, name string) []string {
	text := r.attribute(object, name)
	if value, ok := object.Attributes()[name]; !ok || !known(value) {
		return nil
	}
	return []string{text}
}

// at turns a field of the engine into the path of its attribute; index is -1
// for the field as a whole.
func (r *reader) at(field string, index int) path.Path {
	at := fieldPath(field)
	if index < 0 {
		return at
	}
	if positions := r.positions[field]; index < len(positions) {
		index = positions[index]
	}
	return at.AtListIndex(index)
}

package tfvalue

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// The summaries of terraform-plugin-framework-validators, which people know from
// other providers, and search for.
const (
	summaryMissing     = "Missing Attribute Configuration"
	summaryCombination = "Invalid Attribute Combination"
)

// A Combination limits how many of some root attributes are given. The
// validators of the library walk through the whole configuration once for each
// attribute, which took a third of the validation of a certificate, and name
// attributes without what to do about them.
type Combination struct {
	advice      string
	attributes  []string
	least, most int
}

// ExactlyOneOf wants exactly one of the attributes. advice is a sentence that
// says what each of them is for.
func ExactlyOneOf(advice string, attributes ...string) Combination {
	return Combination{advice, attributes, 1, 1}
}

// AtLeastOneOf wants one or more of the attributes. advice is a sentence that
// says what each of them is for.
func AtLeastOneOf(advice string, attributes ...string) Combination {
	return Combination{advice, attributes, 1, len(attributes)}
}

// Conflicting wants one of the attributes at most. advice is a sentence that says
// what each of them is for.
func Conflicting(advice string, attributes ...string) Combination {
	return Combination{advice, attributes, 0, 1}
}

// Description says how many are wanted.
func (c Combination) Description(context.Context) string { return c.advice }

// MarkdownDescription is the same.
func (c Combination) MarkdownDescription(context.Context) string { return c.advice }

// ValidateResource counts what is not known yet where too few would be given, and
// leaves it out where too many would be.
func (c Combination) ValidateResource(_ context.Context, request resource.ValidateConfigRequest, response *resource.ValidateConfigResponse) {
	values := rootValues(request.Config)
	var given, known []string
	for _, name := range c.attributes {
		value, is := values[name]
		if !is || value.IsNull() {
			continue
		}
		given = append(given, name)
		if value.IsKnown() {
			known = append(known, name)
		}
	}
	switch {
	case len(given) < c.least:
		response.Diagnostics.AddError(summaryMissing, c.advice)
	case len(known) > c.most:
		response.Diagnostics.AddAttributeError(path.Root(known[0]), summaryCombination, bothSet(known[0], known[1])+" "+c.advice)
	}
}

// rootValues are the values of a configuration by the names of its attributes.
func rootValues(config tfsdk.Config) (values map[string]tftypes.Value) {
	_ = config.Raw.As(&values) // whatever is configured is an object
	return values
}

func bothSet(one, other string) string { return one + " and " + other + " are both set." }

// A Relation is a validator of an attribute of any type that looks at other root
// attributes. A list or a map that is empty means none, as modules give it; what is
// unknown may turn out to be null or empty.
type Relation struct {
	others []string
	why    string // of Excludes
	needs  bool
}

// Excludes wants none of the other root attributes to be given beside this one.
// why is a sentence that says what is against it.
func Excludes(why string, others ...string) Relation { return Relation{others, why, false} }

// Needs wants the other root attribute to be given beside this one.
func Needs(other string) Relation { return Relation{[]string{other}, "", true} }

// Description names the others.
func (r Relation) Description(context.Context) string {
	if r.needs {
		return "needs " + strings.Join(r.others, ", ")
	}
	return "cannot be set together with " + strings.Join(r.others, ", ")
}

// MarkdownDescription is the same.
func (r Relation) MarkdownDescription(ctx context.Context) string { return r.Description(ctx) }

// ValidateString is for strings.
func (r Relation) ValidateString(_ context.Context, request validator.StringRequest, response *validator.StringResponse) {
	r.validate(request.ConfigValue, request.Path, request.Config, &response.Diagnostics)
}

// ValidateInt64 is for numbers.
func (r Relation) ValidateInt64(_ context.Context, request validator.Int64Request, response *validator.Int64Response) {
	r.validate(request.ConfigValue, request.Path, request.Config, &response.Diagnostics)
}

// ValidateBool is for booleans.
func (r Relation) ValidateBool(_ context.Context, request validator.BoolRequest, response *validator.BoolResponse) {
	r.validate(request.ConfigValue, request.Path, request.Config, &response.Diagnostics)
}

// ValidateObject is for objects.
func (r Relation) ValidateObject(_ context.Context, request validator.ObjectRequest, response *validator.ObjectResponse) {
	r.validate(request.ConfigValue, request.Path, request.Config, &response.Diagnostics)
}

// ValidateList is for lists.
func (r Relation) ValidateList(_ context.Context, request validator.ListRequest, response *validator.ListResponse) {
	if len(request.ConfigValue.Elements()) > 0 {
		r.validate(request.ConfigValue, request.Path, request.Config, &response.Diagnostics)
	}
}

// ValidateMap is for maps.
func (r Relation) ValidateMap(_ context.Context, request validator.MapRequest, response *validator.MapResponse) {
	if len(request.ConfigValue.Elements()) > 0 {
		r.validate(request.ConfigValue, request.Path, request.Config, &response.Diagnostics)
	}
}

func (r Relation) validate(own attr.Value, at path.Path, config tfsdk.Config, diagnostics *diag.Diagnostics) {
	if !Known(own) {
		return
	}
	values := rootValues(config)
	for _, name := range r.others {
		other, is := values[name]
		given := is && !other.IsNull()
		switch {
		case r.needs && !given:
			diagnostics.AddAttributeError(at, summaryCombination, at.String()+" is set without "+name+". Set "+name+" too, or remove "+at.String()+".")
		case !r.needs && given && other.IsKnown():
			diagnostics.AddAttributeError(at, summaryCombination, bothSet(at.String(), name)+" "+r.why+" Remove one of them.")
		}
	}
}

// NotAllNull wants one or more of an object's attributes to be given; summary and
// detail are the diagnostic where none is.
//
// The validators that come with the framework compare attributes by searching the
// whole configuration, once for each object: in a set of a thousand that alone
// takes a minute.
func NotAllNull(summary, detail string, attributes ...string) validator.Object {
	return notAllNull{summary, detail, "one of " + strings.Join(attributes, ", ") + " must be set", attributes}
}

type notAllNull struct {
	summary, detail, description string
	attributes                   []string
}

func (v notAllNull) Description(context.Context) string         { return v.description }
func (v notAllNull) MarkdownDescription(context.Context) string { return v.description }

func (v notAllNull) ValidateObject(_ context.Context, request validator.ObjectRequest, response *validator.ObjectResponse) {
	if !Known(request.ConfigValue) {
		return
	}
	given := request.ConfigValue.Attributes()
	for _, name := range v.attributes {
		if value, is := given[name]; is && !value.IsNull() {
			return
		}
	}
	addError(&response.Diagnostics, request.Path, v.summary, v.detail)
}

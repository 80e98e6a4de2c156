package tfvalue

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/resourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// A Combination limits how many of some root attributes are given. The library's
// validator reports what is wrong; it is asked only where something is, for it
// walks through the whole configuration once for each attribute, which took a
// third of the validation of a certificate.
type Combination struct {
	resource.ConfigValidator
	attributes  []string
	least, most int
}

// ValidateResource takes what is not known yet for given.
func (c Combination) ValidateResource(ctx context.Context, request resource.ValidateConfigRequest, response *resource.ValidateConfigResponse) {
	var values map[string]tftypes.Value
	if err := request.Config.Raw.As(&values); err == nil {
		given := 0
		for _, name := range c.attributes {
			if value, is := values[name]; is && !value.IsNull() {
				given++
			}
		}
		if c.least <= given && given <= c.most {
			return
		}
	}
	c.ConfigValidator.ValidateResource(ctx, request, response)
}

// ExactlyOneOf wants exactly one of the attributes.
func ExactlyOneOf(attributes ...string) Combination {
	return Combination{resourcevalidator.ExactlyOneOf(roots(attributes)...), attributes, 1, 1}
}

// AtLeastOneOf wants one or more of the attributes.
func AtLeastOneOf(attributes ...string) Combination {
	return Combination{resourcevalidator.AtLeastOneOf(roots(attributes)...), attributes, 1, len(attributes)}
}

// Conflicting wants one of the attributes at most.
func Conflicting(attributes ...string) Combination {
	return Combination{resourcevalidator.Conflicting(roots(attributes)...), attributes, 0, 1}
}

func roots(attributes []string) []path.Expression {
	expressions := make([]path.Expression, len(attributes))
	for i, name := range attributes {
		expressions[i] = path.MatchRoot(name)
	}
	return expressions
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
	response.Diagnostics.AddAttributeError(request.Path, v.summary, v.detail)
}

// ConflictsUnlessEmpty is the library's ConflictsWith for a list or a map of which
// an empty one means none, as modules give it.
func ConflictsUnlessEmpty(others ...path.Expression) interface {
	validator.List
	validator.Map
} {
	return conflicts{listvalidator.ConflictsWith(others...), mapvalidator.ConflictsWith(others...)}
}

type conflicts struct {
	list validator.List
	maps validator.Map
}

func (v conflicts) Description(ctx context.Context) string { return v.list.Description(ctx) }
func (v conflicts) MarkdownDescription(ctx context.Context) string {
	return v.list.MarkdownDescription(ctx)
}

func (v conflicts) ValidateList(ctx context.Context, request validator.ListRequest, response *validator.ListResponse) {
	if request.ConfigValue.IsUnknown() || len(request.ConfigValue.Elements()) > 0 {
		v.list.ValidateList(ctx, request, response)
	}
}

func (v conflicts) ValidateMap(ctx context.Context, request validator.MapRequest, response *validator.MapResponse) {
	if request.ConfigValue.IsUnknown() || len(request.ConfigValue.Elements()) > 0 {
		v.maps.ValidateMap(ctx, request, response)
	}
}

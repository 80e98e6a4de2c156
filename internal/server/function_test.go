package server

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// callingProvider is a provider of one function, which says whether its argument
// is null.
type callingProvider struct{}

func (callingProvider) Metadata(_ context.Context, _ provider.MetadataRequest, response *provider.MetadataResponse) {
	response.TypeName = "calling"
}
func (callingProvider) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}
func (callingProvider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}
func (callingProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }
func (callingProvider) Resources(context.Context) []func() resource.Resource       { return nil }
func (callingProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{func() function.Function { return isNull{} }}
}

type isNull struct{}

func (isNull) Metadata(_ context.Context, _ function.MetadataRequest, response *function.MetadataResponse) {
	response.Name = "is_null"
}

func (isNull) Definition(_ context.Context, _ function.DefinitionRequest, response *function.DefinitionResponse) {
	response.Definition = function.Definition{
		Parameters: []function.Parameter{function.StringParameter{Name: "text", AllowNullValue: true}},
		Return:     function.BoolReturn{},
	}
}

func (isNull) Run(ctx context.Context, request function.RunRequest, response *function.RunResponse) {
	var text *string
	response.Error = request.Arguments.Get(ctx, &text)
	if response.Error == nil {
		response.Error = response.Result.Set(ctx, text == nil)
	}
}

// TestNullArgumentsOfFunctions as Terraform and OpenTofu send them.
func TestNullArgumentsOfFunctions(t *testing.T) {
	t.Parallel()
	encoded := func(value any) *tfprotov6.DynamicValue {
		argument, err := tfprotov6.NewDynamicValue(tftypes.String, tftypes.NewValue(tftypes.String, value))
		if err != nil {
			t.Fatal(err)
		}
		return &argument
	}
	for name, test := range map[string]struct {
		argument *tfprotov6.DynamicValue
		null     bool
	}{
		"a text":                  {encoded("text"), false},
		"a text without a letter": {encoded(""), false},
		"null, as Terraform's":    {encoded(nil), true},
		"null, as OpenTofu's":     {&tfprotov6.DynamicValue{}, true},
		"nothing at all":          {nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, err := New(callingProvider{})
			if err != nil {
				t.Fatal(err)
			}
			request := &tfprotov6.CallFunctionRequest{Name: "is_null", Arguments: []*tfprotov6.DynamicValue{test.argument}}
			response, err := server.CallFunction(t.Context(), request)
			if err != nil || response.Error != nil {
				t.Fatalf("error %v %v", err, response.Error)
			}
			result, err := response.Result.Unmarshal(tftypes.Bool)
			if err != nil || !result.Equal(tftypes.NewValue(tftypes.Bool, test.null)) {
				t.Errorf("null is %s, want %t (error %v)", result, test.null, err)
			}
			if request.Arguments[0] != test.argument {
				t.Error("the request has changed")
			}
		})
	}
}

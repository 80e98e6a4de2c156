package server

import (
	"context"
	"reflect"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/action"
	actionschema "github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// actingProvider is a provider of one action, which notes that it was invoked.
type actingProvider struct{ invoked *bool }

func (actingProvider) Metadata(_ context.Context, _ provider.MetadataRequest, response *provider.MetadataResponse) {
	response.TypeName = "acting"
}
func (actingProvider) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}
func (actingProvider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}
func (actingProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }
func (actingProvider) Resources(context.Context) []func() resource.Resource       { return nil }
func (p actingProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{func() action.Action { return notingAction(p) }}
}

type notingAction struct{ invoked *bool }

func (notingAction) Metadata(_ context.Context, _ action.MetadataRequest, response *action.MetadataResponse) {
	response.TypeName = "acting_note"
}
func (notingAction) Schema(_ context.Context, _ action.SchemaRequest, response *action.SchemaResponse) {
	response.Schema = actionschema.Schema{}
}
func (a notingAction) Invoke(context.Context, action.InvokeRequest, *action.InvokeResponse) {
	*a.invoked = true
}

// TestNothingOfTheFrameworkIsHidden holds the methods of the server that New
// makes against those of the framework's. terraform-plugin-go finds the optional
// parts of the protocol by asking for interfaces with more methods than
// tfprotov6.ProviderServer, so a server that embeds only that one answers "Not
// Implemented" to all of them.
func TestNothingOfTheFrameworkIsHidden(t *testing.T) {
	t.Parallel()
	framework := reflect.TypeOf(providerserver.NewProtocol6(actingProvider{})())
	made, err := New(actingProvider{})
	if err != nil {
		t.Fatal(err)
	}
	served := reflect.TypeOf(made)
	var hidden []string
	for wanted := range framework.Methods() {
		got, there := served.MethodByName(wanted.Name)
		if !there || !sameSignature(got.Type, wanted.Type) {
			hidden = append(hidden, wanted.Name)
		}
	}
	if len(hidden) > 0 {
		t.Errorf("the framework has these methods, and %s has not: %v", served, hidden)
	}
	if !slices.Contains(methodNames(framework), "InvokeAction") {
		t.Error("the framework's server has no InvokeAction: this test looks at something else")
	}
}

// sameSignature compares two methods, whose first argument is the receiver.
func sameSignature(one, other reflect.Type) bool {
	return slices.Equal(slices.Collect(one.Ins())[1:], slices.Collect(other.Ins())[1:]) &&
		slices.Equal(slices.Collect(one.Outs()), slices.Collect(other.Outs()))
}

func methodNames(of reflect.Type) []string {
	var names []string
	for method := range of.Methods() {
		names = append(names, method.Name)
	}
	return names
}

// TestOptionalInterfacesAreServed asks as terraform-plugin-go 0.31 asks, in
// tf6server/server.go.
func TestOptionalInterfacesAreServed(t *testing.T) {
	t.Parallel()
	made, err := New(actingProvider{})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := made.(tfprotov6.ProviderServerWithListResource); !ok { //nolint:staticcheck // deprecated for when ProviderServer has its methods, and asked until then
		t.Error("no list resources")
	}
	if _, ok := made.(tfprotov6.ProviderServerWithActions); !ok { //nolint:staticcheck // as above
		t.Error("no actions")
	}
	if _, ok := made.(tfprotov6.ProviderServerWithStateStores); !ok { //nolint:staticcheck // as above
		t.Error("no state stores")
	}
}

func TestActionReachesTheProvider(t *testing.T) {
	t.Parallel()
	invoked := false
	made, err := New(actingProvider{&invoked})
	if err != nil {
		t.Fatal(err)
	}
	acting, ok := made.(tfprotov6.ActionServer)
	if !ok {
		t.Fatal("the server invokes no actions")
	}
	kind := tftypes.Object{}
	config, err := tfprotov6.NewDynamicValue(kind, tftypes.NewValue(kind, map[string]tftypes.Value{}))
	if err != nil {
		t.Fatal(err)
	}
	stream, err := acting.InvokeAction(t.Context(), &tfprotov6.InvokeActionRequest{ActionType: "acting_note", Config: &config})
	if err != nil {
		t.Fatal(err)
	}
	for event := range stream.Events {
		if done, ok := event.Type.(tfprotov6.CompletedInvokeActionEventType); ok && len(done.Diagnostics) > 0 {
			t.Error(done.Diagnostics[0].Summary, done.Diagnostics[0].Detail)
		}
	}
	if !invoked {
		t.Error("the action was not invoked")
	}
}

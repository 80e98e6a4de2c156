// Command standin stands in for the providers that the compositions of examples
// use besides mtls, where those cannot be downloaded: a test-only provider, in
// no release. Called terraform-provider-konnect, -kubernetes or -vault it has
// the resources of that one that compositions use, with the arguments and
// results that its public documentation names.
//
// What is uploaded goes nowhere but into the folder that STANDIN_STORE names,
// where a test can look at it: see store.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

func main() {
	if err := serve(context.Background(), os.Args[0], os.Getenv("STANDIN_STORE")); err != nil {
		log.Fatal(err)
	}
}

// serve is the provider that the executable's name asks for, until terraform
// has done with it.
func serve(ctx context.Context, executable, folder string) error {
	name, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(executable), "terraform-provider-"), "_")
	stands, known := standins(store{folder})[name]
	if !known {
		return fmt.Errorf("nothing stands in for a provider called %q", name)
	}
	return providerserver.Serve(ctx, func() provider.Provider { return stands }, providerserver.ServeOpts{
		Address: "registry.terraform.io/" + stands.source,
	})
}

// A standin is a provider whose resources keep what they are given.
type standin struct {
	source      string // namespace and name
	resources   []keeper
	dataSources []datasource.DataSource
}

var _ provider.Provider = standin{}

func (s standin) Metadata(_ context.Context, _ provider.MetadataRequest, response *provider.MetadataResponse) {
	response.TypeName = filepath.Base(s.source)
}

// Schema is empty: whoever configures the real provider does so in the root
// module, and a test of a module needs none of that.
func (standin) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (standin) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

func (s standin) Resources(context.Context) []func() resource.Resource {
	made := make([]func() resource.Resource, 0, len(s.resources))
	for _, one := range s.resources {
		made = append(made, func() resource.Resource { return one })
	}
	return made
}

func (s standin) DataSources(context.Context) []func() datasource.DataSource {
	made := make([]func() datasource.DataSource, 0, len(s.dataSources))
	for _, one := range s.dataSources {
		made = append(made, func() datasource.DataSource { return one })
	}
	return made
}

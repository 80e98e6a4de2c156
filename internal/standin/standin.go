// Package standin stands in for the providers of others that examples,
// compositions and tests use besides mtls, where those cannot be downloaded: for
// tests only, in no release. Each has the resources of the real one that are used
// here, with the arguments, the results and the reasons to be replaced that its
// public documentation and source name.
//
// What is uploaded goes nowhere but into a folder, where a test can look at it:
// see store.
package standin

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// Folder is the environment variable that names the folder in which a stand-in
// that is a process of its own keeps what it is given.
const Folder = "STANDIN_STORE"

// Sources are the addresses of the providers that are stood in for, namespace and
// name, without a registry.
func Sources() []string {
	var sources []string
	for _, stands := range standins(store{}, "") {
		sources = append(sources, stands.source)
	}
	slices.Sort(sources)
	return sources
}

// A Watcher is shown each configuration of a resource that a stand-in plans or
// applies, write-only values included; what is null or unknown is left out.
type Watcher func(resource string, configured map[string]any)

// New stands in for the newest version of the provider called name, as "vault",
// and keeps what it is given in the folder. The watcher may be nil.
func New(name, folder string, watch Watcher) (provider.Provider, error) {
	return named(name, "", store{folder: folder, watch: watch})
}

func named(name, version string, kept store) (standin, error) {
	stands, known := standins(kept, version)[name]
	if !known {
		return standin{}, fmt.Errorf("nothing stands in for a provider called %q", name)
	}
	return stands, nil
}

// Serve is the provider that the executable's name asks for, such as
// terraform-provider-vault_v1.0.0, until terraform has done with it. The version
// matters where versions of the real provider differ in what they replace.
func Serve(ctx context.Context, executable, folder string) error {
	name, version, _ := strings.Cut(strings.TrimPrefix(filepath.Base(executable), "terraform-provider-"), "_v")
	stands, err := named(name, version, store{folder: folder})
	if err != nil {
		return err
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
	ephemerals  []ephemeral.EphemeralResource
}

var _ provider.ProviderWithEphemeralResources = standin{}

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

func (s standin) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	made := make([]func() ephemeral.EphemeralResource, 0, len(s.ephemerals))
	for _, one := range s.ephemerals {
		made = append(made, func() ephemeral.EphemeralResource { return one })
	}
	return made
}

package examples

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/trustplane/terraform-provider-mtls/internal/provider"
	"github.com/trustplane/terraform-provider-mtls/internal/server"
)

// TestEveryAttributeIsShown: each object has a folder of examples, and in it
// each of its attributes is used. What an object gives within an object, such
// as the names of a certificate on a path, may be shown with another one.
func TestEveryAttributeIsShown(t *testing.T) {
	t.Parallel()
	everything := textOf(t, ".")
	for folder, schema := range documented(t) {
		t.Run(filepath.ToSlash(folder), func(t *testing.T) {
			t.Parallel()
			own := textOf(t, folder)
			for _, shown := range attributesOf(schema.Block.Attributes) {
				where, text := folder, own
				if shown.within && !shown.argument {
					where, text = "any folder", everything
				}
				if !regexp.MustCompile(`\b` + shown.name + `\b`).MatchString(text) {
					t.Errorf("no example in %s uses %s", where, shown.name)
				}
			}
		})
	}
}

// TestEveryArgumentSaysItsDefault: what a reader asks of an argument that can
// be left out.
func TestEveryArgumentSaysItsDefault(t *testing.T) {
	t.Parallel()
	for folder, schema := range documented(t) {
		for _, shown := range attributesOf(schema.Block.Attributes) {
			switch {
			case shown.description == "":
				t.Errorf("%s: %s has no description", folder, shown.name)
			case shown.optional && !strings.Contains(shown.description, "Default: ") && !strings.Contains(shown.description, "Required unless "):
				t.Errorf("%s: %s does not say its default: %s", folder, shown.name, shown.description)
			}
		}
	}
}

// TestEveryFunctionIsShown: each function has a folder of examples that call it.
func TestEveryFunctionIsShown(t *testing.T) {
	t.Parallel()
	for _, name := range slices.Sorted(maps.Keys(schemas(t).Functions)) {
		if text := textOf(t, filepath.Join("functions", name)); !regexp.MustCompile(`\bprovider::mtls::` + name + `\(`).MatchString(text) {
			t.Errorf("no example in functions/%s calls it", name)
		}
	}
}

// documented is the schema of each object, by its folder of examples, as the
// generator of the documentation wants them named.
func documented(t *testing.T) map[string]*tfprotov6.Schema {
	t.Helper()
	all, objects := schemas(t), map[string]*tfprotov6.Schema{}
	for kind, named := range map[string]map[string]*tfprotov6.Schema{
		"resources": all.ResourceSchemas, "data-sources": all.DataSourceSchemas, "ephemeral-resources": all.EphemeralResourceSchemas,
	} {
		for name, schema := range named {
			objects[filepath.Join(kind, name)] = schema
		}
	}
	return objects
}

func schemas(t *testing.T) *tfprotov6.GetProviderSchemaResponse {
	t.Helper()
	served, err := server.New(provider.New(providerVersion, clock)())
	if err != nil {
		t.Fatal(err)
	}
	response, err := served.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return response
}

// A shownAttribute is one that examples have to use.
type shownAttribute struct {
	name        string
	description string
	argument    bool // it can be set
	optional    bool // it can be left out
	within      bool // it is part of another attribute
}

func attributesOf(attributes []*tfprotov6.SchemaAttribute) []shownAttribute {
	var all []shownAttribute
	for _, attribute := range attributes {
		all = append(all, shownAttribute{
			name: attribute.Name, description: attribute.Description,
			argument: attribute.Required || attribute.Optional, optional: attribute.Optional,
		})
		if attribute.NestedType == nil {
			continue
		}
		for _, part := range attributesOf(attribute.NestedType.Attributes) {
			part.within = true
			all = append(all, part)
		}
	}
	return all
}

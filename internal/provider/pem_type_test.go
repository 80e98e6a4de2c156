package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"pgregory.net/rapid"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

func TestPEMIsComparedByWhatItHolds(t *testing.T) {
	t.Parallel()
	graph := pkitest.Build(t, "edge <- root")
	edge, root := graph.PEM("edge"), graph.PEM("root")
	for name, row := range map[string]struct {
		a, b basetypes.StringValuable
		same bool
	}{
		"the same text":                {newPEM(edge), newPEM(edge), true},
		"line endings":                 {newPEM(edge), newPEM(strings.ReplaceAll(edge, "\n", "\r\n")), true},
		"no final newline":             {newPEM(edge), newPEM(strings.TrimSpace(edge)), true},
		"text around":                  {newPEM(edge), newPEM("subject=CN = edge\n" + edge + "\n\n"), true},
		"text between":                 {newPEM(edge + root), newPEM(edge + "\nand its issuer\n" + root), true},
		"another certificate":          {newPEM(edge), newPEM(root), false},
		"one more":                     {newPEM(edge), newPEM(edge + root), false},
		"another order":                {newPEM(edge + root), newPEM(root + edge), false},
		"another label":                {newPEM(edge), newPEM(strings.ReplaceAll(edge, "CERTIFICATE", "X509 CRL")), false},
		"a broken block":               {newPEM(edge), newPEM(edge[:len(edge)-10]), false},
		"no PEM, the same":             {newPEM("hello"), newPEM("hello"), true},
		"no PEM, nearly the same":      {newPEM("hello"), newPEM("hello\n"), false},
		"unknown":                      {newPEM(edge), unknownPEM(), false},
		"both unknown":                 {unknownPEM(), unknownPEM(), false},
		"null":                         {newPEM(edge), nullPEM(), false},
		"empty and null":               {newPEM(""), nullPEM(), false},
		"a string that is no PEM type": {newPEM(edge), types.StringValue(edge), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			same, diagnostics := row.a.(pemValue).StringSemanticEquals(t.Context(), row.b)
			if same != row.same || diagnostics.HasError() {
				t.Errorf("same: %t, want %t (%v)", same, row.same, diagnostics)
			}
			if back, ok := row.b.(pemValue); ok && back.same(row.a.(pemValue)) != row.same {
				t.Error("the other way round it is another answer")
			}
		})
	}
}

// What a PEM is spelled like never matters: any mixture of line endings, and
// blank lines or text around each block.
func TestLawSpellingIsNoDifference(t *testing.T) {
	t.Parallel()
	graph := pkitest.Build(t, "edge <- issuing <- root")
	rapid.Check(t, func(t *rapid.T) {
		var plain, spelled strings.Builder
		for _, name := range rapid.SliceOfN(rapid.SampledFrom(graph.Names()), 1, 4).Draw(t, "blocks") {
			text := graph.PEM(name)
			plain.WriteString(text)
			spelled.WriteString(rapid.SampledFrom([]string{"", "\n", "\r\n", "a comment\n", "  \t\n"}).Draw(t, "before"))
			spelled.WriteString(strings.ReplaceAll(text, "\n", rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "line ending")))
		}
		if !newPEM(plain.String()).same(newPEM(spelled.String())) {
			t.Fatalf("not the same:\n%q\n%q", plain.String(), spelled.String())
		}
	})
}

// The type gives back what Terraform gave it: known, unknown and null.
func TestPEMTypeKeepsValues(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		given tftypes.Value
		want  attr.Value
	}{
		"known":   {tftypes.NewValue(tftypes.String, " as it is\r\n"), newPEM(" as it is\r\n")},
		"unknown": {tftypes.NewValue(tftypes.String, tftypes.UnknownValue), unknownPEM()},
		"null":    {tftypes.NewValue(tftypes.String, nil), nullPEM()},
	} {
		got, err := pemType{}.ValueFromTerraform(t.Context(), row.given)
		if err != nil || !got.Equal(row.want) {
			t.Errorf("%s: %v (%v), want %v", name, got, err, row.want)
		}
		back, err := got.ToTerraformValue(t.Context())
		if err != nil || !back.Equal(row.given) {
			t.Errorf("%s: gives back %v (%v)", name, back, err)
		}
		if got.Type(t.Context()) != attr.Type(pemType{}) {
			t.Errorf("%s: its type is %s", name, got.Type(t.Context()))
		}
	}
	if _, err := (pemType{}).ValueFromTerraform(t.Context(), tftypes.NewValue(tftypes.Bool, true)); err == nil {
		t.Error("a boolean became PEM")
	}
	if (pemType{}).Equal(types.StringType) || newPEM("a").Equal(types.StringValue("a")) {
		t.Error("PEM is equal to a string")
	}
}

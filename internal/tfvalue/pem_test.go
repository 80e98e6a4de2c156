package tfvalue

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"pgregory.net/rapid"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
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
		"the same text":                {NewPEM(edge), NewPEM(edge), true},
		"line endings":                 {NewPEM(edge), NewPEM(strings.ReplaceAll(edge, "\n", "\r\n")), true},
		"no final newline":             {NewPEM(edge), NewPEM(strings.TrimSpace(edge)), true},
		"text around":                  {NewPEM(edge), NewPEM("subject=CN = edge\n" + edge + "\n\n"), true},
		"text between":                 {NewPEM(edge + root), NewPEM(edge + "\nand its issuer\n" + root), true},
		"another certificate":          {NewPEM(edge), NewPEM(root), false},
		"one more":                     {NewPEM(edge), NewPEM(edge + root), false},
		"another order":                {NewPEM(edge + root), NewPEM(root + edge), false},
		"another label":                {NewPEM(edge), NewPEM(strings.ReplaceAll(edge, "CERTIFICATE", "X509 CRL")), false},
		"a broken block":               {NewPEM(edge), NewPEM(edge[:len(edge)-10]), false},
		"no PEM, the same":             {NewPEM("hello"), NewPEM("hello"), true},
		"no PEM, nearly the same":      {NewPEM("hello"), NewPEM("hello\n"), false},
		"unknown":                      {NewPEM(edge), UnknownPEM(), false},
		"both unknown":                 {UnknownPEM(), UnknownPEM(), false},
		"null":                         {NewPEM(edge), NullPEM(), false},
		"empty and null":               {NewPEM(""), NullPEM(), false},
		"a string that is no PEM type": {NewPEM(edge), types.StringValue(edge), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			same, diagnostics := row.a.(PEM).StringSemanticEquals(t.Context(), row.b)
			if same != row.same || diagnostics.HasError() {
				t.Errorf("same: %t, want %t (%v)", same, row.same, diagnostics)
			}
			if back, ok := row.b.(PEM); ok && back.Same(row.a.(PEM)) != row.same {
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
		if !NewPEM(plain.String()).Same(NewPEM(spelled.String())) {
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
		"known":   {tftypes.NewValue(tftypes.String, " as it is\r\n"), NewPEM(" as it is\r\n")},
		"unknown": {tftypes.NewValue(tftypes.String, tftypes.UnknownValue), UnknownPEM()},
		"null":    {tftypes.NewValue(tftypes.String, nil), NullPEM()},
	} {
		got, err := PEMType{}.ValueFromTerraform(t.Context(), row.given)
		if err != nil || !got.Equal(row.want) {
			t.Errorf("%s: %v (%v), want %v", name, got, err, row.want)
		}
		back, err := got.ToTerraformValue(t.Context())
		if err != nil || !back.Equal(row.given) {
			t.Errorf("%s: gives back %v (%v)", name, back, err)
		}
		if got.Type(t.Context()) != attr.Type(PEMType{}) {
			t.Errorf("%s: its type is %s", name, got.Type(t.Context()))
		}
	}
	if _, err := (PEMType{}).ValueFromTerraform(t.Context(), tftypes.NewValue(tftypes.Bool, true)); err == nil {
		t.Error("a boolean became PEM")
	}
	if (PEMType{}).Equal(types.StringType) || NewPEM("a").Equal(types.StringValue("a")) {
		t.Error("PEM is equal to a string")
	}
}

// TestPEMDescribesItselfWithoutItsContent: the framework writes what it compares
// into its traces.
func TestPEMDescribesItselfWithoutItsContent(t *testing.T) {
	t.Parallel()
	key, err := pki.GenerateKey(pki.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	text, err := pki.EncodePrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for want, value := range map[string]PEM{"(PEM)": NewPEM(text), "<null>": NullPEM(), "<unknown>": UnknownPEM()} {
		if got := value.String(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

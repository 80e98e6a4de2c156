package tfvalue_test

import (
	"context"
	"math/big"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

// object is one of options, of the types that its values have.
func object(values map[string]attr.Value) types.Dynamic {
	kinds := map[string]attr.Type{}
	for name, value := range values {
		kinds[name] = value.Type(context.Background())
	}
	return types.DynamicValue(types.ObjectValueMust(kinds, values))
}

func TestReadObject(t *testing.T) {
	t.Parallel()
	unknownTexts := types.TupleValueMust([]attr.Type{types.StringType, types.StringType}, []attr.Value{types.StringValue("a"), types.StringUnknown()})
	for name, row := range map[string]struct {
		argument types.Dynamic
		want     string // what was read, or a part of the error
		known    bool
	}{
		"all":               {object(map[string]attr.Value{"at": types.StringValue("now"), "depth": types.NumberValue(big.NewFloat(3))}), "now 3 ", true},
		"what is not given": {object(map[string]attr.Value{"at": types.StringValue("now"), "depth": types.DynamicNull(), "lists": types.ListNull(types.StringType)}), "now 0 ", true},
		"a map":             {types.DynamicValue(types.MapValueMust(types.StringType, map[string]attr.Value{"at": types.StringValue("now")})), "now 0 ", true},
		"within a dynamic":  {object(map[string]attr.Value{"at": types.DynamicValue(types.StringValue("now"))}), "now 0 ", true},
		"a set":             {object(map[string]attr.Value{"at": types.StringValue("now"), "lists": types.SetValueMust(types.StringType, []attr.Value{types.StringValue("a")})}), "now 0 a", true},
		"a list with null":  {object(map[string]attr.Value{"at": types.StringValue("now"), "lists": types.ListValueMust(types.StringType, []attr.Value{types.StringNull(), types.StringValue("a")})}), "now 0 ,a", true},

		"unknown":             {types.DynamicUnknown(), "", false},
		"an unknown object":   {types.DynamicValue(types.ObjectUnknown(map[string]attr.Type{"at": types.StringType})), "", false},
		"an unknown option":   {object(map[string]attr.Value{"at": types.StringUnknown()}), "", false},
		"an unknown element":  {object(map[string]attr.Value{"at": types.StringValue("now"), "lists": unknownTexts}), "now 0 ", false},
		"unknown, and a slip": {object(map[string]attr.Value{"at": types.StringUnknown(), "deph": types.BoolValue(true)}), `unknown option "deph", the options are at, depth, lists`, false},

		"null":             {types.DynamicNull(), `the option "at" is required`, true},
		"a null object":    {types.DynamicValue(types.ObjectNull(map[string]attr.Type{})), `the option "at" is required`, true},
		"a text":           {types.DynamicValue(types.StringValue("secret")), "an object is wanted, and this is a string", true},
		"a number as text": {object(map[string]attr.Value{"at": types.NumberValue(big.NewFloat(3))}), `the option "at": a string is wanted, and this is a number`, true},
		"a text as number": {object(map[string]attr.Value{"at": types.StringValue("now"), "depth": types.StringValue("3")}), `the option "depth": a number is wanted, and this is a string`, true},
		"half a number":    {object(map[string]attr.Value{"at": types.StringValue("now"), "depth": types.NumberValue(big.NewFloat(1.5))}), `a whole number is wanted, and this is 1.5`, true},
		"a huge number":    {object(map[string]attr.Value{"at": types.StringValue("now"), "depth": types.NumberValue(big.NewFloat(1e30))}), `a whole number is wanted, and this is 1e+30`, true},
		"a text as list":   {object(map[string]attr.Value{"at": types.StringValue("now"), "lists": types.StringValue("a")}), `the option "lists": a list of strings is wanted`, true},
		"numbers in list":  {object(map[string]attr.Value{"at": types.StringValue("now"), "lists": types.ListValueMust(types.NumberType, []attr.Value{types.NumberValue(big.NewFloat(1))})}), `the option "lists": element [0]: a string is wanted`, true},
		"an object as bool": {object(map[string]attr.Value{"at": types.BoolValue(true), "depth": types.MapValueMust(types.StringType, nil)}),
			`the option "at": a string is wanted, and this is a boolean; the option "depth": a number is wanted, and this is an object`, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var at string
			var depth int64
			var lists []string
			known, err := tfvalue.ReadObject(row.argument, "option", []tfvalue.Field{
				{Name: "at", Required: true, Read: func(value attr.Value) (err error) { at, err = tfvalue.TextOf(value); return err }},
				{Name: "depth", Read: func(value attr.Value) (err error) { depth, err = tfvalue.WholeOf(value); return err }},
				{Name: "lists", Read: func(value attr.Value) (err error) { lists, err = tfvalue.TextsOf(value); return err }},
			})
			got := at + " " + big.NewInt(depth).String() + " " + strings.Join(lists, ",")
			if err != nil {
				got = err.Error()
			}
			if known != row.known || (known || err != nil) && !strings.Contains(got, row.want) {
				t.Errorf("known %t, read %q, want known %t, %q", known, got, row.known, row.want)
			}
		})
	}
}

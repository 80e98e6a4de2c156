package provider

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// A verdictOption is an attribute of the object that functions take as their last
// argument, called as the argument of the data source.
type verdictOption struct {
	name        string
	description string
	read        func(value attr.Value, options *trust.Options) error
}

// verdictOptions lists them. Only at is required of all: a function cannot read a
// clock.
func verdictOptions() []verdictOption {
	return []verdictOption{
		{"at", "the time for which to validate, in RFC 3339, such as `plantimestamp()`. Required", readAt},
		{"verifier", "whose rules apply: " + inCode(trust.Verifiers()) + ". Default: `konnect`", readVerifier},
		{"server_name", "the name that the data plane looks for in its control plane's certificate, for `kong_data_plane_pki`. Required there", readServerName},
		{"verify_depth", "the value of the verifier's own setting for the depth of a chain. Default: the verifier's own", readVerifyDepth},
		{"ocsp", "`cluster_ocsp` of `kong_hybrid_pki`: `off`, `optional` or `on`. Default: `off`", readOCSP},
		{"require_valid_for", "how long after `at` the path must still be valid, as a Go duration. Default: no requirement", readRequireValidFor},
		{"revocation_lists_pem", "certificate revocation lists (CRLs), a list of PEM texts. Default: none", readRevocationLists},
	}
}

// optionsParameter is the parameter of every function that gives verdicts.
func optionsParameter() function.DynamicParameter {
	lines := []string{"An object with what the data source `mtls_chain_validation` has as arguments:"}
	for _, known := range verdictOptions() {
		lines = append(lines, "   - `"+known.name+"`: "+known.description+".")
	}
	return function.DynamicParameter{Name: "options", MarkdownDescription: strings.Join(lines, "\n"), AllowNullValue: true}
}

// readOptions reads the argument of [optionsParameter]. known is false if
// something in it is unknown.
func readOptions(argument types.Dynamic) (options trust.Options, known bool, err error) {
	var wanted []tfvalue.Field
	for _, one := range verdictOptions() {
		wanted = append(wanted, tfvalue.Field{
			Name: one.name, Required: one.name == "at",
			Read: func(value attr.Value) error { return one.read(value, &options) },
		})
	}
	if known, err = tfvalue.ReadObject(argument, "option", wanted); err != nil || !known {
		return options, known, err
	}
	var wrong []string
	for _, one := range options.Check() {
		wrong = append(wrong, fmt.Sprintf("the option %q: %s", one.Option, one.Error()))
	}
	if len(wrong) > 0 {
		err = errors.New(strings.Join(wrong, "; "))
	}
	return options, known, err
}

func readAt(value attr.Value, options *trust.Options) (err error) {
	options.At, err = tfvalue.TimeOf(value)
	return err
}

func readVerifier(value attr.Value, options *trust.Options) error {
	text, err := tfvalue.TextOf(value)
	if err != nil {
		return err
	}
	options.Verifier, err = trust.ParseVerifier(text)
	return err
}

func readServerName(value attr.Value, options *trust.Options) error {
	text, err := tfvalue.TextOf(value)
	options.ServerName = &text
	return err
}

func readVerifyDepth(value attr.Value, options *trust.Options) error {
	number, err := tfvalue.WholeOf(value)
	options.VerifyDepth = new(depth(number))
	return err
}

func readOCSP(value attr.Value, options *trust.Options) error {
	text, err := tfvalue.TextOf(value)
	options.OCSP = new(trust.OCSP(text))
	return err
}

// depth reads a number of CAs; whatever is beyond all chains is the same.
func depth(number int64) int { return int(min(max(number, -1), 1<<20)) }

func readRequireValidFor(value attr.Value, options *trust.Options) error {
	text, err := tfvalue.TextOf(value)
	if err != nil {
		return err
	}
	if options.RequireValidFor, err = tfvalue.ParseDuration(text); err == nil && options.RequireValidFor < 0 {
		return fmt.Errorf(`%q is negative: use a duration such as "720h"`, pki.Printable(text))
	}
	return err
}

func readRevocationLists(value attr.Value, options *trust.Options) error {
	lists, err := tfvalue.TextsOf(value)
	if err != nil {
		return err
	}
	var readable pki.Readable
	parsed, failed := parseTexts(lists, readable.ParseRevocationLists)
	if len(failed) > 0 {
		return failed[0]
	}
	options.RevocationLists = parsed
	options.UnreadableRevocationLists = readable.Unreadable
	return nil
}

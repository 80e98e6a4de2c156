package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// argumentError reports what is wrong with the argument at position, from 0.
// Terraform makes a sentence of it.
func argumentError(position int64, err error) *function.FuncError {
	return function.NewArgumentFuncError(position, err.Error())
}

// besideKey says what a function does with a text that has a private key in it.
//
// Terraform shows the arguments of a function that fails, whole and whatever is
// marked as sensitive, so that a function whose arguments have a private key in
// them must not fail. It reads what else there is in them, or has no value.
const besideKey = " Private keys in a text are left out, never shown. "

// holdPrivateKey reports whether a private key is in one of some arguments.
func holdPrivateKey(texts ...string) bool { return slices.ContainsFunc(texts, pki.HoldsPrivateKey) }

// parseBesideKeys parses a text and, if that fails, what is left of it without its
// private keys.
func parseBesideKeys[T any](text string, parse func(string) (T, error)) (T, error) {
	parsed, err := parse(text)
	if err == nil || !pki.HoldsPrivateKey(text) {
		return parsed, err
	}
	if rest, failed := parse(pki.WithoutPrivateKeys(text)); failed == nil {
		return rest, nil
	}
	return parsed, err
}

func pemParameter(name, description string) function.StringParameter {
	return function.StringParameter{Name: name, MarkdownDescription: description}
}

// result sets a function's result.
func result(ctx context.Context, response *function.RunResponse, value any) {
	response.Error = function.ConcatFuncErrors(response.Error, response.Result.Set(ctx, value))
}

// arguments reads a function's arguments into targets.
func arguments(ctx context.Context, request function.RunRequest, response *function.RunResponse, targets ...any) bool {
	response.Error = function.ConcatFuncErrors(response.Error, request.Arguments.Get(ctx, targets...))
	return response.Error == nil
}

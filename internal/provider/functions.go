package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
)

// argumentError reports what is wrong with the argument at position, from 0.
// Terraform makes a sentence of it.
func argumentError(position int64, err error) *function.FuncError {
	return function.NewArgumentFuncError(position, err.Error())
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

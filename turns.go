package main

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// A turnTaker lets only so many calls at once work on resources and data
// sources; the others wait.
//
// Terraform makes ten at a time, and more with -parallelism. None of them waits
// for anything but a processor, so more of them than there are processors are no
// faster, and each holds its values in memory several times over: a set of 500
// nodes some ten megabytes.
type turnTaker struct {
	tfprotov6.ProviderServer

	turns chan struct{} // holds one element for each call at work
}

func takingTurns(server tfprotov6.ProviderServer, atOnce int) turnTaker {
	return turnTaker{server, make(chan struct{}, atOnce)}
}

// inTurn waits for a turn and makes the call, even if Terraform was interrupted
// meanwhile: an apply without an answer would cost the resource its private
// state. Whatever takes long heeds the context.
func inTurn[Request, Response any](ctx context.Context, t turnTaker, call func(context.Context, Request) (Response, error), request Request) (Response, error) {
	t.turns <- struct{}{}
	defer func() { <-t.turns }()
	return call(ctx, request)
}

func (t turnTaker) ValidateResourceConfig(ctx context.Context, request *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return inTurn(ctx, t, t.ProviderServer.ValidateResourceConfig, request)
}

func (t turnTaker) UpgradeResourceState(ctx context.Context, request *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return inTurn(ctx, t, t.ProviderServer.UpgradeResourceState, request)
}

func (t turnTaker) ReadResource(ctx context.Context, request *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return inTurn(ctx, t, t.ProviderServer.ReadResource, request)
}

func (t turnTaker) PlanResourceChange(ctx context.Context, request *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return inTurn(ctx, t, t.ProviderServer.PlanResourceChange, request)
}

func (t turnTaker) ApplyResourceChange(ctx context.Context, request *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return inTurn(ctx, t, t.ProviderServer.ApplyResourceChange, request)
}

func (t turnTaker) ReadDataSource(ctx context.Context, request *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return inTurn(ctx, t, t.ProviderServer.ReadDataSource, request)
}

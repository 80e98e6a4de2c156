package server

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/trustplane/terraform-provider-mtls/internal/turn"
)

// A limitedServer lets only so many calls at once work on resources and data
// sources; the others wait.
//
// Terraform makes ten at a time, and more with -parallelism. More of them than
// there are processors are not faster, and each holds its values in memory several
// times over: a set of 500 nodes some ten megabytes. A call that waits for something
// else than a processor lets another one in: see package turn.
type limitedServer struct {
	frameworkServer

	working chan struct{} // holds one element for each call at work
}

func limitCalls(server frameworkServer, atOnce int) limitedServer {
	return limitedServer{server, make(chan struct{}, atOnce)}
}

// limited waits until fewer calls than the limit are at work and makes the call,
// even if Terraform was interrupted meanwhile: an apply without an answer would
// cost the resource its private state. Whatever takes long heeds the context.
func limited[Request, Response any](ctx context.Context, s limitedServer, call func(frameworkServer, context.Context, Request) (Response, error), request Request) (Response, error) {
	s.working <- struct{}{}
	defer func() { <-s.working }()
	ctx = turn.Hold(ctx, func() { <-s.working }, func() { s.working <- struct{}{} })
	return call(s.frameworkServer, ctx, request)
}

func (s limitedServer) ValidateResourceConfig(ctx context.Context, request *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return limited(ctx, s, frameworkServer.ValidateResourceConfig, request)
}

func (s limitedServer) UpgradeResourceState(ctx context.Context, request *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return limited(ctx, s, frameworkServer.UpgradeResourceState, request)
}

func (s limitedServer) ReadResource(ctx context.Context, request *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return limited(ctx, s, frameworkServer.ReadResource, request)
}

func (s limitedServer) PlanResourceChange(ctx context.Context, request *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return limited(ctx, s, frameworkServer.PlanResourceChange, request)
}

func (s limitedServer) ApplyResourceChange(ctx context.Context, request *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return limited(ctx, s, frameworkServer.ApplyResourceChange, request)
}

func (s limitedServer) ReadDataSource(ctx context.Context, request *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return limited(ctx, s, frameworkServer.ReadDataSource, request)
}

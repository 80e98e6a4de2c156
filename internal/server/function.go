package server

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// CallFunction gives the framework a null for an argument without data. OpenTofu
// sends a null so, since 1.7.0 (internal/plugin6/grpc_provider.go), and the
// framework takes it for damage: "DynamicValue had no JSON or msgpack data set".
func (s limitedServer) CallFunction(ctx context.Context, request *tfprotov6.CallFunctionRequest) (*tfprotov6.CallFunctionResponse, error) {
	completed := *request
	completed.Arguments = slices.Clone(request.Arguments)
	for i, argument := range completed.Arguments {
		if argument == nil || len(argument.MsgPack)+len(argument.JSON) == 0 {
			completed.Arguments[i] = &tfprotov6.DynamicValue{MsgPack: []byte{0xc0}} // nil, in MessagePack
		}
	}
	return s.frameworkServer.CallFunction(ctx, &completed)
}

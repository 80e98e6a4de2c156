// Package server is how the provider is served to Terraform: the protocol server
// of terraform-plugin-framework, a limit to what works at once, and a process
// whose collector and logs are tuned for Terraform's calls.
//
// It knows nothing of the provider that it serves. The command serves with it,
// and so do the tests, so that what is tested is what is released.
package server

import (
	"fmt"
	"os"
	"runtime"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
)

// A frameworkServer is all that the framework's server does. What wraps it has to
// embed all of it: terraform-plugin-go looks for the optional parts of the protocol
// by asking for their methods, and answers "Not Implemented" where it finds none.
type frameworkServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
	tfprotov6.StateStoreServer
}

// New makes the protocol server of p, which works on as many resources and data
// sources at once as there are processors. The error says that the framework
// leaves out a part of the protocol.
func New(p provider.Provider) (tfprotov6.ProviderServer, error) {
	made := providerserver.NewProtocol6(p)()
	framework, ok := made.(frameworkServer)
	if !ok {
		return nil, fmt.Errorf("the framework's server %T serves only a part of the protocol", made)
	}
	return limitCalls(framework, runtime.GOMAXPROCS(0)), nil
}

// Serve tunes this process and serves p to the Terraform that started it, until
// Terraform ends it. The address is that of the provider in a registry. With
// debug, it prints how a Terraform can attach, and waits for one.
func Serve(address string, p provider.Provider, debug bool) error {
	relaxCollector(os.LookupEnv, afterEachCollection)
	var options []tf6server.ServeOpt
	if debug {
		options = append(options, tf6server.WithManagedDebug())
	} else if err := silenceFramework(os.LookupEnv, os.Setenv); err != nil {
		// A debugger's user reads the logs on the provider's own standard error.
		return err
	}
	server, err := New(p)
	if err != nil {
		return err
	}
	return tf6server.Serve(address, func() tfprotov6.ProviderServer { return server }, options...)
}

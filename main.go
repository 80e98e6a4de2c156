// Command terraform-provider-mtls is the Terraform provider for mutual-TLS
// trust between an API gateway's control plane and its data planes.
package main

import (
	"flag"
	"log"
	"os"
	"runtime"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/trustplane/terraform-provider-mtls/internal/provider"
)

// version is set by the build.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve for a debugger, and print how Terraform can attach")
	flag.Parse()
	relaxCollector(os.LookupEnv)

	// A debugger's user reads the logs on the provider's own standard error.
	if !*debug {
		if err := silenceFramework(os.LookupEnv, os.Setenv); err != nil {
			log.Fatal(err)
		}
	}
	serve := func() tfprotov6.ProviderServer {
		return takingTurns(providerserver.NewProtocol6(provider.New(version, time.Now)())(), runtime.GOMAXPROCS(0))
	}
	var options []tf6server.ServeOpt
	if *debug {
		options = append(options, tf6server.WithManagedDebug())
	}
	if err := tf6server.Serve("registry.terraform.io/trustplane/mtls", serve, options...); err != nil {
		log.Fatal(err)
	}
}

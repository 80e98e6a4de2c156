// Command terraform-provider-mtls is the Terraform provider for mutual-TLS
// trust between an API gateway's control plane and its data planes.
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

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
	err := providerserver.Serve(context.Background(), provider.New(version, time.Now), providerserver.ServeOpts{
		Address: "registry.terraform.io/trustplane/mtls",
		Debug:   *debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}

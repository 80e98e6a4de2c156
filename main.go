// Command terraform-provider-mtls is the Terraform provider for mutual-TLS
// trust between an API gateway's control plane and its data planes.
package main

import (
	"flag"
	"log"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/provider"
	"github.com/trustplane/terraform-provider-mtls/internal/server"
)

// version is set by the build.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve for a debugger, and print how Terraform can attach")
	flag.Parse()
	if err := server.Serve("registry.terraform.io/trustplane/mtls", provider.New(version, time.Now)(), *debug); err != nil {
		log.Fatal(err)
	}
}

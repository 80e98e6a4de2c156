// Command command is one of the stand-ins as a process of its own: the one by
// whose name it is called, such as terraform-provider-vault_v1.0.0.
package main

import (
	"context"
	"log"
	"os"

	"github.com/trustplane/terraform-provider-mtls/internal/standin"
)

func main() {
	if err := standin.Serve(context.Background(), os.Args[0], os.Getenv(standin.Folder)); err != nil {
		log.Fatal(err)
	}
}

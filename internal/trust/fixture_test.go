package trust_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// shortRSA is a chain of RSA keys with 512 bits, which crypto/rsa makes no more:
//
//	openssl req -x509 -newkey rsa:512 -nodes -days 36500 -subj /CN=root -keyout root.key -out rsa512-root.pem
//	openssl req -newkey rsa:512 -nodes -subj /CN=edge -keyout edge.key |
//	    openssl x509 -req -days 36500 -CA rsa512-root.pem -CAkey root.key -out rsa512-edge.pem
//
// They end in 2126; no key is kept.
func shortRSA(t testing.TB) question {
	t.Helper()
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	anchors, err := pki.ParseCertificates(read("rsa512-root.pem"))
	if err != nil {
		t.Fatal(err)
	}
	presented, err := pki.ParseCertificates(read("rsa512-edge.pem"))
	if err != nil {
		t.Fatal(err)
	}
	return question{anchors: anchors, presented: presented, options: trust.Options{At: pkitest.Now()}}
}

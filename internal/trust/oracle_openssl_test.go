package trust_test

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// openssl runs `openssl verify`, the program beside which Evaluate is laid.
type openssl struct {
	path   string
	folder string // for its files, rewritten for each call
	flags  []string
}

// opensslAs is openssl verify with the settings that come nearest to a control
// plane. Kong's nginx has ssl_verify_depth 4 and security level 2; Konnect
// takes a path that ends at any upload.
func opensslAs(t *testing.T, verifier trust.Verifier) openssl {
	t.Helper()
	flags := []string{"-partial_chain", "-auth_level", "1"}
	if verifier == trust.KongHybridPKI {
		flags = []string{"-verify_depth", "4", "-auth_level", "2"}
	}
	return openssl{path: needProgram(t, "openssl"), folder: t.TempDir(), flags: flags}
}

// needProgram finds a program, or skips the test with the reason. Servers are
// often in a folder that is not searched for users.
func needProgram(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if path, err := exec.LookPath("/usr/sbin/" + name); err == nil {
		return path
	}
	t.Skipf("%s is not installed: %v", name, err)
	return ""
}

// An opinion is what openssl says of one certificate: its errors, such as
// "20 at 0" for error 20 (X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY) at
// depth 0, the leaf. None means that it trusts it.
type opinion []string

func (o opinion) trusts() bool { return len(o) == 0 }

// verify asks for an opinion on each leaf, in one process: all with the same
// uploads and the same certificates presented beside them.
func (o openssl) verify(t *testing.T, uploaded, beside, leaves []*x509.Certificate) []opinion {
	t.Helper()
	arguments := append([]string{"verify"}, o.flags...)
	arguments = append(arguments, "-purpose", "sslclient", "-attime", fmt.Sprint(pkitest.Now().Unix()),
		"-no-CApath", "-no-CAstore", "-CAfile", o.write(t, "uploaded", uploaded...))
	if len(beside) > 0 {
		arguments = append(arguments, "-untrusted", o.write(t, "beside", beside...))
	}
	for i, leaf := range leaves {
		arguments = append(arguments, o.write(t, fmt.Sprintf("leaf%d", i), leaf))
	}
	command := exec.CommandContext(t.Context(), o.path, arguments...)
	var good, bad bytes.Buffer
	command.Stdout, command.Stderr = &good, &bad
	_ = command.Run() // it exits with an error if it refuses one of them
	return readOpinions(t, len(leaves), good.String(), bad.String())
}

// write puts certificates into a file of the folder.
func (o openssl) write(t *testing.T, name string, certificates ...*x509.Certificate) string {
	t.Helper()
	path := filepath.Join(o.folder, name)
	if err := os.WriteFile(path, []byte(pki.EncodeCertificates(certificates...)), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// readOpinions reads what openssl prints: on good, a line for each leaf that it
// trusts; on bad, the errors of each leaf, and then the leaf.
func readOpinions(t *testing.T, count int, good, bad string) []opinion {
	t.Helper()
	complaint := regexp.MustCompile(`^error (\d+ at \d+) depth lookup`)
	failed := regexp.MustCompile(`^error .*/leaf(\d+): verification failed$`)
	opinions := make([]opinion, count)
	said := 0
	var waiting opinion
	for line := range strings.Lines(bad) {
		line = strings.TrimSpace(line)
		if match := complaint.FindStringSubmatch(line); match != nil {
			waiting = append(waiting, match[1])
		} else if match := failed.FindStringSubmatch(line); match != nil {
			var leaf int
			_, _ = fmt.Sscan(match[1], &leaf)
			opinions[leaf], waiting = waiting, nil
			said++
		}
	}
	said += strings.Count(good, ": OK\n")
	if said != count {
		t.Fatalf("openssl spoke of %d certificates out of %d:\n%s%s", said, count, good, bad)
	}
	return opinions
}

package pki_test

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
)

// openssl runs the openssl command, fed with input, and returns what it prints.
// It is needed: without it, the test fails.
func openssl(tb testing.TB, input string, arguments ...string) string {
	tb.Helper()
	command := exec.CommandContext(tb.Context(), "openssl", arguments...)
	var errors bytes.Buffer
	command.Stdin, command.Stderr = strings.NewReader(input), &errors
	output, err := command.Output()
	if err != nil {
		tb.Fatalf("openssl %s: %v\n%s", strings.Join(arguments, " "), err, errors.String())
	}
	return string(output)
}

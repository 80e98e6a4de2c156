package issue_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// openssl runs the openssl command, fed with input, and returns what it prints.
// It is needed: without it, the test fails.
func openssl(tb testing.TB, input string, arguments ...string) string {
	tb.Helper()
	output, err := runOpenSSL(tb, input, arguments...)
	if err != nil {
		tb.Fatalf("openssl %s: %v\n%s", strings.Join(arguments, " "), err, output)
	}
	return output
}

// runOpenSSL is openssl for calls that may be refused: then it returns what was
// said of it.
func runOpenSSL(tb testing.TB, input string, arguments ...string) (string, error) {
	tb.Helper()
	command := exec.CommandContext(tb.Context(), "openssl", arguments...)
	var refusal bytes.Buffer
	command.Stdin, command.Stderr = strings.NewReader(input), &refusal
	output, err := command.Output()
	if err != nil {
		return refusal.String(), err
	}
	return string(output), nil
}

// written puts text into a file and returns its path.
func written(tb testing.TB, text string) string {
	tb.Helper()
	file := filepath.Join(tb.TempDir(), "text")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
	return file
}

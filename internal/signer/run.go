package signer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

const (
	// mostOutput is what a program may write to standard output: base64 of the
	// longest RSA signature that peers verify, with room for line breaks.
	mostOutput = 16 << 10
	// mostWords is what is kept of standard error: its end.
	mostWords = 1 << 10
	// grace is how long a program may take to end once it is asked to.
	grace = 2 * time.Second
)

// Why a program is ended early.
var (
	errTooSlow = errors.New("too slow")
	errTooMuch = errors.New("too much output")
)

// A ProgramError says why a program gave no signature.
type ProgramError struct {
	Program string // as configured, without its arguments, which may hold a PIN
	Fault   string // what it did
	Words   string // the end of what it wrote to standard error; empty for nothing
	Err     error  // the cause, where there is one
}

func (e *ProgramError) Error() string {
	text := fmt.Sprintf("the signer command %q %s", pki.Printable(e.Program), e.Fault)
	if e.Words != "" {
		text += ". It says:\n\n" + e.Words
	}
	return text
}

// Unwrap returns the cause.
func (e *ProgramError) Unwrap() error { return e.Err }

func (k *Key) fail(fault, words string) *ProgramError {
	return &ProgramError{Program: k.command[0], Fault: fault, Words: words}
}

// run runs the program, and returns what it wrote to standard output. A script that
// has only just been written may still be busy for a moment (golang/go#22315).
func (k *Key) run(ctx context.Context, scheme scheme, input []byte, timeout time.Duration) ([]byte, error) {
	const mostAttempts, pause = 10, 20 * time.Millisecond
	for attempt := 1; ; attempt++ {
		output, err := k.runOnce(ctx, scheme, input, timeout)
		if attempt == mostAttempts || !errors.Is(err, syscall.ETXTBSY) {
			return output, err
		}
		time.Sleep(pause)
	}
}

func (k *Key) runOnce(outer context.Context, scheme scheme, input []byte, timeout time.Duration) ([]byte, error) {
	limited, cancel := context.WithTimeoutCause(outer, timeout, errTooSlow)
	defer cancel()
	ctx, end := context.WithCancelCause(limited)
	defer end(nil)
	output := &bounded{most: mostOutput, full: func() { end(errTooMuch) }}
	words := &tail{most: mostWords}
	command := exec.CommandContext(ctx, k.command[0], k.command[1:]...) //nolint:gosec // to run what the user configures is what this is for
	command.Stdin, command.Stdout, command.Stderr = bytes.NewReader(input), output, words
	command.Env = append(os.Environ(), k.environment(scheme)...)
	command.WaitDelay = grace + time.Second
	ended := endGroup(command, grace)
	// On Linux the program ends with the thread that started it: see os/exec.
	runtime.LockOSThread()
	err := command.Run()
	runtime.UnlockOSThread()
	ended()
	switch cause := context.Cause(ctx); {
	case outer.Err() != nil:
		return nil, outer.Err()
	case errors.Is(cause, errTooSlow):
		return nil, k.fail(fmt.Sprintf("gave no signature within %s, and was ended. If it needs longer, set signer_timeout of the provider", timeout), words.String())
	case errors.Is(cause, errTooMuch):
		return nil, k.fail(fmt.Sprintf("wrote more than %d bytes to standard output, and was ended: it is to write one signature and nothing else", mostOutput), words.String())
	case err == nil, errors.Is(err, exec.ErrWaitDelay): // what it started, and left behind, still has its output open
		return output.kept, nil
	}
	return nil, k.failed(err, words.String())
}

// environment is the protocol's: see the package's documentation.
func (k *Key) environment(scheme scheme) []string {
	return []string{
		"MTLS_SIGNER_VERSION=1",
		"MTLS_SIGNER_SCHEME=" + scheme.name,
		"MTLS_SIGNER_HASH=" + scheme.hashName(),
		"MTLS_SIGNER_KEY_ALGORITHM=" + string(pki.AlgorithmOf(k.public)),
		"MTLS_SIGNER_SPKI_SHA256=" + pki.SPKISHA256Of(k.public),
	}
}

// failed says why a program did not run to its end.
func (k *Key) failed(err error, words string) error {
	failed := k.fail("", words)
	failed.Err = err
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		failed.Fault = "failed: " + exit.String()
	case errors.Is(err, exec.ErrNotFound) && filepath.Base(k.command[0]) == k.command[0]:
		failed.Fault = "was not found: no folder in PATH has it. Install it, or name its path"
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, exec.ErrNotFound):
		failed.Fault = "was not found, nor was what its first line names, if it is a script. A relative path starts " + here() + "; write \"${path.module}/...\" for a file of the module"
	case errors.Is(err, exec.ErrDot):
		failed.Fault = "is only found in the current folder, which is not searched. Write \"./\" in front of it"
	case errors.Is(err, fs.ErrPermission):
		failed.Fault = "may not be run: permission denied. Make it executable, such as with chmod +x"
	case errors.Is(err, syscall.ENOEXEC):
		failed.Fault = "is not a program: a script needs a first line such as #!/bin/sh"
	default:
		failed.Fault = "could not be run: " + err.Error()
	}
	return failed
}

// here is the folder that relative paths start in.
func here() string {
	folder, err := os.Getwd()
	if err != nil {
		return "where Terraform runs"
	}
	return "in " + folder + ", where Terraform runs"
}

// bounded keeps what is written, up to a limit; beyond it calls full and fails.
type bounded struct {
	kept []byte
	most int
	full func()
}

func (b *bounded) Write(data []byte) (int, error) {
	if len(b.kept)+len(data) > b.most {
		b.full()
		return 0, errTooMuch
	}
	b.kept = append(b.kept, data...)
	return len(data), nil
}

// tail keeps the end of what is written.
type tail struct {
	kept   []byte
	most   int
	cut    bool
	secret bool // a private key was among it
}

func (t *tail) Write(data []byte) (int, error) {
	// Judged with what is kept of before, so that a mark in two parts is seen.
	t.kept = append(t.kept, data...)
	t.secret = t.secret || bytes.Contains(t.kept, []byte("PRIVATE KEY-----"))
	if over := len(t.kept) - t.most; over > 0 {
		t.kept, t.cut = append([]byte(nil), t.kept[over:]...), true
	}
	return len(data), nil
}

// String is what was written, each line indented, so that Terraform leaves the
// lines as they are, and with control characters escaped.
func (t *tail) String() string {
	if t.secret {
		return "  (withheld: there is a private key in it)"
	}
	text := strings.TrimSpace(strings.ToValidUTF8(string(t.kept), "?"))
	if text == "" {
		return ""
	}
	if t.cut {
		text = "… " + text
	}
	var lines []string
	for line := range strings.Lines(text) {
		lines = append(lines, "  "+pki.EscapeControl(strings.TrimRight(line, "\r\n")))
	}
	return strings.Join(lines, "\n")
}

//go:build unix

package signer_test

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// With the program ends what it started, also what does not heed the request to
// end.
func TestInterruptEndsTheWholeGroup(t *testing.T) {
	t.Parallel()
	b := newBench(t, pki.ECDSAP256)
	folder := t.TempDir()
	script := filepath.Join(folder, "sign.sh")
	text := "#!/bin/sh\ntrap '' TERM\n(trap '' TERM; exec sleep 3600) &\necho $! > " + folder + "/child\nwait\n"
	if err := os.WriteFile(script, []byte(text), 0o700); err != nil { //nolint:gosec // it is to be run
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var child int
	go func() {
		for child == 0 && t.Context().Err() == nil {
			written, _ := os.ReadFile(filepath.Join(folder, "child"))
			child, _ = strconv.Atoi(strings.TrimSpace(string(written)))
			time.Sleep(10 * time.Millisecond)
		}
		cancel()
	}()
	input, opts := digest(pki.ECDSAP256)
	if _, err := b.programs.Key([]string{script}, b.key.Public()).During(ctx).Sign(rand.Reader, input, opts); err == nil {
		t.Fatal("signed")
	}
	// The kernel may take a moment to bury it.
	for range 500 {
		if running(child) {
			time.Sleep(10 * time.Millisecond)
			continue
		}
		return
	}
	t.Errorf("process %d, which the program started, still runs", child)
}

// running reports whether a process is there and not only waits to be buried.
func running(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err != nil || !strings.Contains(string(stat), ") Z ")
}

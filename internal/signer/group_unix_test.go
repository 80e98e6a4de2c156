//go:build unix

package signer_test

import (
	"context"
	"crypto/rand"
	"errors"
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
	if err := os.WriteFile(script, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	started := make(chan int, 1)
	go func() {
		for t.Context().Err() == nil {
			written, _ := os.ReadFile(filepath.Join(folder, "child"))
			if child, err := strconv.Atoi(strings.TrimSpace(string(written))); err == nil {
				started <- child
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		cancel()
	}()
	input, opts := digest(pki.ECDSAP256)
	if _, err := b.programs.Key([]string{script}, b.key.Public()).During(ctx).Sign(rand.Reader, input, opts); !errors.Is(err, context.Canceled) {
		t.Fatalf("%v, want that it was cancelled", err)
	}
	child := <-started
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

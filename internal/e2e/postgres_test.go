package e2e

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// A postgres is where the programs of PostgreSQL are, and how to run them.
type postgres struct {
	t       *testing.T
	folder  string
	asOther []string // PostgreSQL refuses to be run by root
}

// startPostgres starts a PostgreSQL of the test's own, with its own folder, on
// the loopback interface, until the test is over. It returns how to connect.
func startPostgres(t *testing.T) (connection string) {
	t.Helper()
	if testing.Short() {
		t.Skip("runs PostgreSQL and terraform: not in -short")
	}
	p := findPostgres(t)
	folder := p.newFolder()
	if said, err := p.command(t.Context(), "initdb", "-D", folder, "-U", "terraform", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync").CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, said)
	}
	port := freePort(t)
	var log bytes.Buffer
	// Stopped below, by its pid: a context would kill it without a goodbye.
	server := p.command(context.Background(), "postgres", "-D", folder, "-p", port,
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off")
	server.Stdout, server.Stderr = &log, &log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Signal(os.Interrupt) // a fast shutdown
		_ = server.Wait()
		if t.Failed() {
			t.Logf("PostgreSQL said\n%s", &log)
		}
	})
	for limit := time.Now().Add(time.Minute); p.command(t.Context(), "pg_isready", "-h", "127.0.0.1", "-p", port).Run() != nil; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatal("PostgreSQL does not answer")
		}
	}
	return fmt.Sprintf("postgres://terraform@127.0.0.1:%s/postgres?sslmode=disable", port)
}

// findPostgres looks in PATH, and where Debian has it.
func findPostgres(t *testing.T) *postgres {
	t.Helper()
	p := &postgres{t: t}
	installed, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if found, err := exec.LookPath("postgres"); err == nil {
		installed = append(installed, found)
	}
	for _, candidate := range installed {
		program, err := filepath.EvalSymlinks(candidate)
		if err == nil {
			p.folder = filepath.Dir(program)
		}
	}
	if p.folder == "" {
		t.Skip("PostgreSQL is not installed: no postgres in PATH or below /usr/lib/postgresql")
	}
	if os.Getuid() == 0 {
		p.asOther = []string{"setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"}
		if said, err := exec.CommandContext(t.Context(), p.asOther[0], append(slices.Clone(p.asOther[1:]), "true")...).CombinedOutput(); err != nil {
			t.Skipf("PostgreSQL refuses to be run by root, and setpriv cannot become the user postgres: %v\n%s", err, said)
		}
	}
	return p
}

// command prepares one of PostgreSQL's programs.
func (p *postgres) command(ctx context.Context, program string, arguments ...string) *exec.Cmd {
	all := append(slices.Clone(p.asOther), filepath.Join(p.folder, program))
	all = append(all, arguments...)
	command := exec.CommandContext(ctx, all[0], all[1:]...)
	command.Dir = os.TempDir() // one that its user may enter
	return command
}

// newFolder makes a folder for the data, which only its user may enter. It is
// not in the test's, whose parent is closed to others.
func (p *postgres) newFolder() string {
	p.t.Helper()
	folder, err := os.MkdirTemp("", "mtls-e2e-postgres-")
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = os.RemoveAll(folder) })
	if len(p.asOther) > 0 {
		if said, err := exec.CommandContext(p.t.Context(), "chown", "postgres:", folder).CombinedOutput(); err != nil {
			p.t.Fatalf("chown: %v\n%s", err, said)
		}
	}
	return folder
}

// freePort is one that nobody listens on now.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed at once
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

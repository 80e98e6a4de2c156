package e2e

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
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
	// Another process may take the port before PostgreSQL does.
	for range 5 {
		if port, ready := p.serve(folder); ready {
			return fmt.Sprintf("postgres://terraform@127.0.0.1:%s/postgres?sslmode=disable", port)
		}
	}
	t.Fatal("PostgreSQL does not start")
	return ""
}

// serve starts the server, and returns once it listens or has given up.
func (p *postgres) serve(folder string) (port string, ready bool) {
	p.t.Helper()
	port = freePort(p.t)
	// Stopped below, by its pid: a context would kill it without a goodbye.
	server := p.command(context.Background(), "postgres", "-D", folder, "-p", port,
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off")
	log, err := server.StderrPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		p.t.Fatal(err)
	}
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "ready to accept connections") {
			drained := make(chan struct{})
			go func() {
				defer close(drained)
				_, _ = io.Copy(io.Discard, log)
			}()
			p.t.Cleanup(func() {
				_ = server.Process.Signal(os.Interrupt) // a fast shutdown
				<-drained
				_ = server.Wait()
			})
			return port, true
		}
		p.t.Logf("PostgreSQL: %s", lines.Text())
	}
	_ = server.Wait()
	return "", false
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

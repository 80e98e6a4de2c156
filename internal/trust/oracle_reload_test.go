package trust_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/revocation"
)

// A reloader is a server that runs as it does in production: with a process that
// stays, and reads its configuration again at a signal.
type reloader struct {
	name, program string
	signal        syscall.Signal
	// start runs it in a place with anchors.pem and list.pem, and returns where it
	// listens.
	start func(s site) (process *os.Process, network, address string)
}

func reloaders() []reloader {
	return []reloader{
		{"nginx", "nginx", syscall.SIGHUP, masterOfNginx},
		{"HAProxy", "haproxy", syscall.SIGUSR2, masterOfHAProxy},
		{"Apache, gracefully", "apache2", syscall.SIGUSR1, masterOfApache},
		{"stunnel", "stunnel4", syscall.SIGHUP, masterOfStunnel},
	}
}

// runMaster starts a program that has processes of its own, and stops it as an
// operator does when the test ends, so that none of them is left.
func runMaster(s site, network, address, name string, arguments ...string) *os.Process {
	s.t.Helper()
	output := &transcript{}
	command := exec.CommandContext(s.t.Context(), needProgram(s.t, name), arguments...)
	command.Stdout, command.Stderr = output, output
	command.WaitDelay = 10 * time.Second
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	if err := command.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = command.Wait() })
	await(s.t, network, address, output)
	return command.Process
}

func masterOfNginx(s site) (process *os.Process, network, address string) {
	address = s.path("nginx.sock")
	server := fmt.Sprintf("server {\nlisten unix:%s ssl;\nssl_verify_client on;\nssl_client_certificate %s;\nssl_crl %s;\nlocation / { return 200 well; }\n}\n",
		address, s.path("anchors.pem"), s.path("list.pem"))
	configuration := strings.Replace(fmt.Sprintf(nginxConfiguration, s.folder, "", server), "master_process off;\n", "worker_processes 1;\n", 1)
	return runMaster(s, "unix", address, "nginx", "-p", s.folder, "-e", "stderr", "-c", s.write("nginx.conf", configuration)), "unix", address
}

func masterOfHAProxy(s site) (process *os.Process, network, address string) {
	address = s.path("haproxy.sock")
	configuration := fmt.Sprintf("defaults\nmode http\ntimeout client 30s\ntimeout server 30s\ntimeout connect 30s\n"+
		"frontend f\nbind unix@%s ssl crt %s ca-file %s verify required crl-file %s\nhttp-request return status 200\n",
		address, s.path("both.pem"), s.path("anchors.pem"), s.path("list.pem"))
	return runMaster(s, "unix", address, "haproxy", "-W", "-db", "-f", s.write("haproxy.cfg", configuration)), "unix", address
}

func masterOfApache(s site) (process *os.Process, network, address string) {
	anchors, err := os.ReadFile(s.path("anchors.pem"))
	if err != nil {
		s.t.Fatal(err)
	}
	uploaded, err := pki.ParseCertificates(string(anchors))
	if err != nil {
		s.t.Fatal(err)
	}
	text, err := os.ReadFile(s.path("list.pem"))
	if err != nil {
		s.t.Fatal(err)
	}
	list, err := revocation.Parse(text)
	if err != nil {
		s.t.Fatal(err)
	}
	configuration, addresses := s.apache([]store{{uploaded: uploaded, lists: lists(list)}}, "chain")
	if err := os.Rename(s.path("0.crl"), s.path("list.pem")); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Symlink(s.path("list.pem"), s.path("0.crl")); err != nil {
		s.t.Fatal(err)
	}
	return runMaster(s, "tcp", addresses[0], "apache2", "-DFOREGROUND", "-f", configuration), "tcp", addresses[0]
}

func masterOfStunnel(s site) (process *os.Process, network, address string) {
	addresses := freePorts(s.t, 2)
	answerInTheClear(s.t, addresses[1])
	configuration := fmt.Sprintf("foreground = yes\nsyslog = no\npid = %s\n[s]\naccept = %s\nconnect = %s\ncert = %s\nkey = %s\nCAfile = %s\nverifyChain = yes\nCRLfile = %s\n",
		s.path("stunnel.pid"), addresses[0], addresses[1], s.path("control.pem"), s.path("control.key"), s.path("anchors.pem"), s.path("list.pem"))
	return runMaster(s, "tcp", addresses[0], "stunnel4", s.write("stunnel.conf", configuration)), "tcp", addresses[0]
}

// childrenOf are the processes that one has started, where the system says.
func childrenOf(process *os.Process) []string {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%[1]d/task/%[1]d/children", process.Pid))
	return strings.Fields(string(text))
}

// TestOracleReload: a server goes on with the list that it has read, whatever is in
// the file since, and takes the next one at a reload: what is revoked is refused
// then, and everybody else is not.
func TestOracleReload(t *testing.T) {
	for _, r := range reloaders() {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			needProgram(t, r.program)
			now := time.Now()
			root := newAuthority(t, "Root", nil, now.Add(-time.Hour))
			good, bad := presents(root.leaf("good", now.Add(-time.Hour))), root.leaf("bad", now.Add(-time.Hour))
			s := newPlace(t)
			s.write("anchors.pem", pki.EncodeCertificates(root.ca.Certificate))
			put := func(list *x509.RevocationList) { s.write("list.pem", pki.EncodeRevocationLists(list)) }
			put(root.list(now.Add(-time.Minute), revocation.Unspecified))
			process, network, address := r.start(s)
			asks := func(p presentation) (accepted, listens bool) {
				accepted, err := askedOnce(t.Context(), network, address, p.certificate(), tls.VersionTLS13)
				return accepted, err == nil
			}
			hold := func(when string, p presentation, want bool) {
				t.Helper()
				for range 5 {
					if got := answered(t, network, address, p.certificate(), tls.VersionTLS13); got != want {
						t.Errorf("%s: accepted: %t, want %t", when, got, want)
					}
				}
			}
			hold("at first", presents(bad), true)
			put(root.list(now, revocation.KeyCompromise, bad))
			hold("before it has read the list", presents(bad), true)
			before := childrenOf(process)
			for i := range 600 { // the processes of before may still accept
				if i == 0 || i%40 == 0 && r.program == "haproxy" { // HAProxy's master misses a signal while it starts
					if err := process.Signal(r.signal); err != nil {
						t.Fatal(err)
					}
				}
				stays := slices.ContainsFunc(childrenOf(process), func(one string) bool { return slices.Contains(before, one) })
				// stunnel stops listening for a moment: then it refuses everybody.
				badAccepted, first := asks(presents(bad))
				goodAccepted, second := asks(good)
				if !stays && first && second && !badAccepted && goodAccepted {
					break
				}
				time.Sleep(50 * time.Millisecond)
			}
			hold("after the reload", presents(bad), false)
			hold("after the reload, another one", good, true)
		})
	}
}

//go:build linux

package e2e

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// A victim is the process that is killed in the middle of an apply.
type victim struct {
	name string
	// processes are those to kill, given terraform's.
	processes func(t *testing.T, terraform int) []int
}

// An apply killed at any point is followed by one that converges, with nothing
// lost and nothing half made.
func TestKilledApplyConverges(t *testing.T) {
	t.Parallel()
	for _, v := range []victim{
		{"terraform", func(_ *testing.T, terraform int) []int { return []int{terraform} }},
		{"provider", children},
	} {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, "fleet", map[string]string{"turn": "0"})
			w.apply()
			seen := history{}
			seen.note(t, w)
			torn, cut := 0, 0
			// Each apply changes 39 certificates, and is killed once so many are done.
			points := []int{0, 2, 12, 24, 35}
			for turn, done := range points {
				w.set("turn", strconv.Itoa(turn+1))
				cut += w.killAfter(done, v)
				torn += w.mendState()
				seen.note(t, w)
				w.apply()
				seen.note(t, w)
				w.sound()
			}
			w.settled()
			t.Logf("%d applies, %d of them killed before their end; %d state files torn by it and restored from Terraform's backup; %d generations seen",
				len(points), cut, torn, seen.size())
			if cut == 0 {
				t.Error("every apply was over before it was killed: the test shows nothing")
			}
		})
	}
}

// killAfter applies, and kills once so many resources are done. It reports one
// if the kill was in time.
func (w *workspace) killAfter(done int, v victim) int {
	w.t.Helper()
	command := w.command(w.t.Context(), "apply", "-input=false", "-auto-approve")
	printed, err := command.StdoutPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		w.t.Fatal(err)
	}
	var orphans []int
	lines, complete := bufio.NewScanner(printed), 0
	for lines.Scan() {
		switch {
		case strings.Contains(lines.Text(), "complete after"):
			complete++
		case complete > 0 || !strings.Contains(lines.Text(), "Modifying..."):
			continue
		}
		if complete >= done {
			if done%4 == 0 {
				w.betweenWrites(command.Process.Pid)
			}
			orphans = children(w.t, command.Process.Pid)
			for _, process := range v.processes(w.t, command.Process.Pid) {
				_ = syscall.Kill(process, syscall.SIGKILL)
			}
			_ = syscall.Kill(command.Process.Pid, syscall.SIGCONT)
			break
		}
	}
	_, _ = io.Copy(io.Discard, printed)
	err = command.Wait()
	for _, process := range orphans {
		// A provider outlives a terraform that was killed.
		_ = syscall.Kill(process, syscall.SIGKILL)
	}
	if err != nil {
		return 1
	}
	return 0
}

// betweenWrites stops terraform at an instant at which its state file is whole.
// Without that, most kills hit it while it writes.
func (w *workspace) betweenWrites(terraform int) {
	for range 200 {
		_ = syscall.Kill(terraform, syscall.SIGSTOP)
		if _, err := w.certificates(); err == nil {
			return
		}
		_ = syscall.Kill(terraform, syscall.SIGCONT)
		time.Sleep(time.Millisecond)
	}
}

// children are the processes that terraform started: its providers.
func children(t *testing.T, terraform int) []int {
	t.Helper()
	// Any thread of it may have started them.
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", terraform))
	if err != nil {
		t.Fatal(err)
	}
	var processes []int
	for _, task := range tasks {
		text, _ := os.ReadFile(task) // gone with its thread
		for field := range strings.FieldsSeq(string(text)) {
			if process, err := strconv.Atoi(field); err == nil {
				processes = append(processes, process)
			}
		}
	}
	return processes
}

// mendState restores Terraform's backup if the kill has torn the state file,
// which Terraform does not replace but writes over. It reports one if so.
func (w *workspace) mendState() int {
	w.t.Helper()
	_, torn := w.certificates()
	if torn == nil {
		return 0
	}
	w.t.Logf("the kill tore the state file: %v", torn)
	file := filepath.Join(w.folder, "terraform.tfstate")
	backup, err := os.ReadFile(file + ".backup")
	if err == nil {
		err = os.WriteFile(file, backup, 0o600)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return 1
}

// A history is every certificate that a state has ever held: what a control
// plane may have been given. By address and generation.
type history map[string]map[string]string

// note adds what the state holds. No generation may have changed, and none of
// those uploaded may be gone.
func (h history) note(t *testing.T, w *workspace) {
	t.Helper()
	all, err := w.certificates()
	if err != nil {
		t.Fatal(err)
	}
	for address, found := range all {
		if found.Trusted == nil {
			continue
		}
		for generation, text := range h[address] {
			if found.Trusted[generation] != text {
				t.Errorf("%s: generation %s was lost", address, generation)
			}
		}
		h[address] = maps.Clone(found.Trusted)
	}
}

func (h history) size() int {
	count := 0
	for _, generations := range h {
		count += len(generations)
	}
	return count
}

// sound fails the test unless every certificate has its key, is trusted, and is
// issued by what is above it.
func (w *workspace) sound() {
	w.t.Helper()
	all, err := w.certificates()
	if err != nil {
		w.t.Fatal(err)
	}
	if len(all) != 39 {
		w.t.Errorf("%d certificates in the state, want 39", len(all))
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(all["mtls_control_plane_ca.root"].CertificatePEM))
	for address, found := range all {
		if _, err := tls.X509KeyPair([]byte(found.CertificatePEM), []byte(found.PrivateKeyPEM)); err != nil {
			w.t.Errorf("%s: %v", address, err)
		}
		if found.Trusted != nil && found.Trusted[strconv.FormatInt(found.Generation, 10)] != found.CertificatePEM {
			w.t.Errorf("%s: generation %d is not trusted", address, found.Generation)
		}
		if strings.HasPrefix(address, "mtls_dataplane_certificate") {
			if err := leadsTo(roots, found.ChainPEM); err != nil {
				w.t.Errorf("%s: %v", address, err)
			}
		}
	}
}

func leadsTo(roots *x509.CertPool, chain string) error {
	presented, err := pki.ParseCertificates(chain)
	if err != nil {
		return err
	}
	between := x509.NewCertPool()
	for _, certificate := range presented[1:] {
		between.AddCert(certificate)
	}
	_, err = presented[0].Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: time.Now(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	return err
}

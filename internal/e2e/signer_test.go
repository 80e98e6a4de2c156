//go:build linux

package e2e

import (
	"encoding/json"
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

const (
	// signs and hangs are programs of a CA's key: one signs, the other writes its
	// process ID, and that of what it has started, and never answers.
	signs = "#!/bin/sh\nexec openssl pkeyutl -sign -inkey \"$(dirname \"$0\")/key.pem\"\n"
	hangs = "#!/bin/sh\ncd \"$(dirname \"$0\")\"\nsleep 600 &\necho \"$$ $!\" > \"begun.$$\"\nwait\n"
)

func newSignerWorkspace(t *testing.T) *workspace {
	t.Helper()
	w := newWorkspace(t, "signer", map[string]string{"turn": "0"})
	key, err := pki.GenerateKey(pki.ECDSAP256)
	if err != nil {
		t.Fatal(err)
	}
	private, err := pki.EncodePrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	public, err := pki.EncodePublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	w.write("key.pem", private)
	w.write("public.pem", public)
	w.program(signs)
	w.apply()
	return w
}

func (w *workspace) program(text string) {
	w.t.Helper()
	w.write("sign.sh", text)
	if err := os.Chmod(filepath.Join(w.folder, "sign.sh"), 0o700); err != nil {
		w.t.Fatal(err)
	}
}

// begun waits until a program runs, and returns the processes of all that do.
func (w *workspace) begun() []int {
	w.t.Helper()
	for range 3000 {
		files, err := filepath.Glob(filepath.Join(w.folder, "begun.*"))
		if err != nil {
			w.t.Fatal(err)
		}
		var processes []int
		for _, file := range files {
			for field := range strings.FieldsSeq(readFile(w.t, file)) {
				if process, err := strconv.Atoi(field); err == nil {
					processes = append(processes, process)
				}
			}
		}
		if len(processes) > 0 {
			return processes
		}
		time.Sleep(10 * time.Millisecond)
	}
	w.t.Fatal("no program was started within 30 seconds")
	return nil
}

// alive are those of some processes that still run.
func alive(processes []int) []int {
	var left []int
	for _, process := range processes {
		stat := readStat(process)
		if stat != "" && !strings.Contains(stat, ") Z ") {
			left = append(left, process)
		}
	}
	return left
}

func readStat(process int) string {
	text, _ := os.ReadFile("/proc/" + strconv.Itoa(process) + "/stat") // gone with the process
	return string(text)
}

// While a program signs, terraform is interrupted or everything is killed: nothing
// half made is in the state, the program ends, and the next apply converges.
func TestSignerInterruptedAndKilled(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(terraform int){
		"interrupt": func(terraform int) { _ = syscall.Kill(terraform, syscall.SIGINT) },
		"kill": func(terraform int) {
			providers := children(t, terraform)
			_ = syscall.Kill(terraform, syscall.SIGKILL)
			for _, provider := range providers {
				_ = syscall.Kill(provider, syscall.SIGKILL)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newSignerWorkspace(t)
			before := w.serials()
			w.program(hangs)
			w.set("turn", "1")
			command := w.command(t.Context(), "apply", "-input=false", "-auto-approve")
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			processes := w.begun()
			end(command.Process.Pid)
			if err := command.Wait(); err == nil {
				t.Error("the apply was a success")
			}
			for range 500 {
				if len(alive(processes)) == 0 {
					break
				}
				time.Sleep(10 * time.Millisecond)
			}
			left := alive(processes)
			for _, process := range left {
				_ = syscall.Kill(process, syscall.SIGKILL)
			}
			// Where the provider is killed, the kernel ends the program, and not what
			// that has started.
			if name == "interrupt" && len(left) > 0 || name == "kill" && len(alive(programsOf(processes))) > 0 {
				t.Errorf("processes %v still run", left)
			}
			if after := w.serials(); len(before) != 20 || !maps.Equal(before, after) {
				t.Errorf("the state has the certificates %v, and had %v", after, before)
			}
			_ = os.Remove(filepath.Join(w.folder, ".terraform.tfstate.lock.info"))
			w.program(signs)
			w.apply()
			for name, serial := range w.serials() {
				if before[name] == serial {
					t.Errorf("%s was not issued again in the end", name)
				}
			}
			if strings.Contains(w.read("terraform.tfstate"), strings.Split(w.read("key.pem"), "\n")[1]) {
				t.Error("the CA's key is in the state")
			}
		})
	}
}

// serials are the serial numbers of the set in the state, by node.
func (w *workspace) serials() map[string]string {
	w.t.Helper()
	var state struct {
		Resources []struct {
			Type      string
			Instances []struct {
				Attributes struct {
					Serials map[string]string `json:"serial_numbers"`
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(w.read("terraform.tfstate")), &state); err != nil {
		w.t.Fatal(err)
	}
	for _, resource := range state.Resources {
		if resource.Type == "mtls_dataplane_certificate_set" {
			return resource.Instances[0].Attributes.Serials
		}
	}
	return nil
}

// programsOf are the programs among processes, without what they started.
func programsOf(processes []int) []int {
	var programs []int
	for i := 0; i < len(processes); i += 2 {
		programs = append(programs, processes[i])
	}
	return programs
}

package provider

import (
	"crypto"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// byContract are the places of a state or plan where a private key may be: what
// the documentation calls private_key_pem or, of a generation that waits,
// next_private_key_pem, of a resource and never of an issuer,
// the keys of a set, and what a user calls an output.
var byContract = regexp.MustCompile(`\.(?:attributes|values|before|after)\.(?:private_key_pem|next_private_key_pem|private_keys_pem\.[^.]+)$|(?:^|\.)generated_key\.(?:value|before|after)$`)

// A leak is a secret where none should be.
type leak struct {
	document string
	place    string
	found
}

// A hunt looks for all secrets in all documents, and counts.
type hunt struct {
	sought *search
	mutex  sync.Mutex // of what follows
	leaks  []leak
	// kept lists, for each secret, the places where the contract has it.
	kept  map[*secret][]string
	tally map[string]*count
}

type count struct{ documents, bytes, kept, leaks int }

func newHunt(t *testing.T, secrets []*secret) *hunt {
	t.Helper()
	return &hunt{sought: newSearch(t, secrets), kept: map[*secret][]string{}, tally: map[string]*count{}}
}

// through looks through documents, a few at a time: there may be hundreds of
// megabytes of logs.
func (h *hunt) through(documents []document) {
	var searching sync.WaitGroup
	turns := make(chan struct{}, 4)
	for _, one := range documents {
		searching.Go(func() {
			turns <- struct{}{}
			h.look(one, h.counted(one))
			<-turns
		})
	}
	searching.Wait()
}

// counted adds a document to the tally of its kind.
func (h *hunt) counted(one document) *count {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	total, ok := h.tally[one.kind]
	if !ok {
		total = &count{}
		h.tally[one.kind] = total
	}
	total.documents++
	total.bytes += len(one.text)
	return total
}

// look looks through a document. One that is JSON is read value by value, so
// that each finding has a place, and the place tells whether it is sensitive.
func (h *hunt) look(one document, total *count) {
	var value any
	if json.Unmarshal(one.text, &value) == nil {
		// Terraform marks what is sensitive where it shows a state or plan; its
		// state file has the schema for that.
		h.walk(one, total, "", value, one.kind == "state")
		return
	}
	for _, hit := range h.sought.in(one.text, 2) {
		h.judge(one, total, "", hit, one.kind == "plan file")
	}
}

// walk goes through a JSON value; marks is what is said of its sensitivity: true
// or a value of the same shape with true in it.
func (h *hunt) walk(one document, total *count, place string, value, marks any) {
	switch value := value.(type) {
	case map[string]any:
		for name, inner := range value {
			for _, hit := range h.sought.in([]byte(name), 2) {
				h.judge(one, total, place+".(name)", hit, false)
			}
			h.walk(one, total, place+"."+name, inner, marksOf(value, name, marks))
		}
	case []any:
		for i, inner := range value {
			mark := marks
			if list, ok := marks.([]any); ok {
				mark = i < len(list) && list[i] == true
				if i < len(list) {
					mark = list[i]
				}
			}
			h.walk(one, total, place+"."+strconv.Itoa(i), inner, mark)
		}
	case string:
		for _, hit := range h.sought.in([]byte(value), 2) {
			h.judge(one, total, place, hit, marks == true && byContract.MatchString(place))
		}
	}
}

// marksOf is what is said of the sensitivity of a part of an object: beside it,
// as Terraform does for resources, changes and outputs, or as of the object.
func marksOf(object map[string]any, name string, marks any) any {
	beside := map[string]string{"values": "sensitive_values", "before": "before_sensitive", "after": "after_sensitive", "value": "sensitive"}
	if mark, ok := object[beside[name]]; ok {
		return mark
	}
	if inner, ok := marks.(map[string]any); ok {
		return inner[name]
	}
	return marks
}

// judge counts a finding: it is a leak unless the contract keeps the secret, and
// the place is one for it.
func (h *hunt) judge(one document, total *count, place string, hit found, fit bool) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if hit.secret.stays && fit {
		if at := one.name + place; !slices.Contains(h.kept[hit.secret], at) {
			h.kept[hit.secret] = append(h.kept[hit.secret], at)
			total.kept++
		}
		return
	}
	total.leaks++
	h.leaks = append(h.leaks, leak{one.name, place, hit})
}

// report prints what was searched and fails for every leak, without the secret.
func (h *hunt) report(t *testing.T, secrets []*secret) {
	t.Helper()
	stays := 0
	for _, one := range secrets {
		if one.stays {
			stays++
		}
	}
	t.Logf("%d private keys, %d of them in state by contract, %d elsewhere; each in %d forms and more", len(secrets), stays, len(secrets)-stays, h.forms()/len(secrets))
	t.Logf("%-16s%10s%14s%18s%8s", "place", "documents", "bytes", "keys by contract", "leaks")
	for _, kind := range slices.Sorted(maps.Keys(h.tally)) {
		total := h.tally[kind]
		t.Logf("%-16s%10d%14d%18d%8d", kind, total.documents, total.bytes, total.kept, total.leaks)
	}
	for _, one := range h.leaks {
		t.Errorf("%s leaks (%s) in %s%s", one.secret.name, one.form, one.document, one.place)
	}
}

func (h *hunt) forms() int {
	total := 0
	for _, needles := range h.sought.needles {
		total += len(needles)
	}
	return total
}

// A keyring holds every private key of a test, each once.
type keyring struct {
	t    *testing.T
	keys map[string]*secret // by SHA-256 of the public key
}

func newKeyring(t *testing.T) *keyring {
	t.Helper()
	return &keyring{t, map[string]*secret{}}
}

func (k *keyring) all() []*secret { return slices.Collect(maps.Values(k.keys)) }

// make makes a key that the state is not to hold, unless it stays.
func (k *keyring) make(name string, algorithm pki.KeyAlgorithm, stays bool) crypto.Signer {
	k.t.Helper()
	key, err := pki.GenerateKey(algorithm)
	if err != nil {
		k.t.Fatal(err)
	}
	k.add(name, key, stays)
	return key
}

func (k *keyring) add(name string, key crypto.Signer, stays bool) {
	spki := pki.SPKISHA256Of(key.Public())
	if _, ok := k.keys[spki]; !ok {
		k.keys[spki] = &secret{name, key, stays}
	}
}

// fromState adds every key that the state file holds where the contract says.
func (k *keyring) fromState(folder string) {
	k.t.Helper()
	var state struct {
		Resources []struct {
			Type, Name string
			Instances  []struct {
				IndexKey   any `json:"index_key"`
				Attributes struct {
					Key  string            `json:"private_key_pem"`
					Next string            `json:"next_private_key_pem"`
					Keys map[string]string `json:"private_keys_pem"`
				}
			}
		}
	}
	text, err := os.ReadFile(filepath.Join(folder, "terraform.tfstate"))
	if err != nil {
		k.t.Fatal(err)
	}
	if err := json.Unmarshal(text, &state); err != nil {
		k.t.Fatal(err)
	}
	for _, resource := range state.Resources {
		for _, instance := range resource.Instances {
			keys := map[string]string{"": instance.Attributes.Key, "next": instance.Attributes.Next}
			maps.Copy(keys, instance.Attributes.Keys)
			for node, text := range keys {
				if key, err := pki.ParsePrivateKey(text); err == nil {
					k.add(strings.TrimSuffix(fmt.Sprintf("%s.%s[%v] %s", resource.Type, resource.Name, instance.IndexKey, node), "[<nil>] "), key, true)
				}
			}
		}
	}
}

// fromStore adds every key that the secret store was given. Such a key comes
// from an ephemeral resource, and is to be nowhere else.
func (k *keyring) fromStore(store *secretStore) {
	k.t.Helper()
	for i, text := range store.given() {
		var values map[string]string
		if err := json.Unmarshal([]byte(text), &values); err != nil {
			k.t.Fatal(err)
		}
		key, err := pki.ParsePrivateKey(values["key"])
		if err != nil {
			k.t.Fatal(err)
		}
		k.add(fmt.Sprintf("ephemeral key %d", i+1), key, false)
	}
}

// leakWorkspace is a workspace with the configuration of testdata/leak and the
// files that it reads.
func leakWorkspace(t *testing.T, ring *keyring) (w *tracedWorkspace, written []string) {
	t.Helper()
	w = newTracedWorkspace(t)
	config, err := os.ReadFile(filepath.Join("testdata", "leak", "main.tf"))
	if err != nil {
		t.Fatal(err)
	}
	provided := heldKey{pem: keyPEM(t, ring.make("provided", pki.RSA2048, true))}
	texts := map[string]string{
		"main.tf":          string(config),
		"provided.key":     provided.pem,
		"provided.pem":     selfSigned(t, provided),
		"write-only-1.key": keyPEM(t, ring.make("write-only CA", pki.ECDSAP256, false)),
		"write-only-2.key": keyPEM(t, ring.make("write-only CA, second", pki.ECDSAP384, false)),
		"imported.key":     keyPEM(t, ring.make("imported", pki.Ed25519, true)),
		"node.key":         keyPEM(t, ring.make("node", pki.ECDSAP256, false)),
		"held.key":         keyPEM(t, ring.make("held by a program", pki.ECDSAP256, false)),
		"sign.sh":          "cat held.key >&2\nexec openssl pkeyutl -sign -inkey held.key\n",
		"shout.sh":         "cat >/dev/null\nsed 1d held.key >&2\ncat held.key >&2\nexit 3\n",
	}
	texts["imported.pem"] = selfSigned(t, heldKey{pem: texts["imported.key"]})
	// A key that is cut off, and one in a text that is none: what is said of them
	// must not show them.
	texts["cut-off.key"] = texts["write-only-1.key"][:len(texts["write-only-1.key"])-30]
	texts["one-line.key"] = strings.ReplaceAll(texts["write-only-1.key"], "\n", " ")
	for name, text := range texts {
		w.write(name, text)
	}
	openssl(t, w.folder, "req -new -key node.key -subj /CN=node -out node.csr")
	openssl(t, w.folder, "pkey -in held.key -pubout -out held.pub")
	openssl(t, w.folder, "genrsa -traditional -out traditional.key 2048")
	traditional, err := os.ReadFile(filepath.Join(w.folder, "traditional.key"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := pki.ParsePrivateKey(string(traditional))
	if err != nil {
		t.Fatal(err)
	}
	ring.add("traditional form", key, false)
	held := ring.make("ephemeral variable", pki.ECDSAP521, false)
	w.environment = append(w.environment, "TF_VAR_held_key="+keyPEM(t, held), "TF_VAR_server="+anyCertificate(t))
	return w, append(slices.Collect(maps.Keys(texts)), "traditional.key", "node.csr", "held.pub")
}

// TestPrivateKeysAreNowhereElse: every private key that the scenario makes is
// looked for in all that Terraform and the provider write or print, and found
// only where the contract says private_key_pem.
func TestPrivateKeysAreNowhereElse(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("searches the logs of dozens of certificates: not in -short")
	}
	ring := newKeyring(t)
	w, written := leakWorkspace(t, ring)

	w.run("apply", "-auto-approve")
	ring.fromState(w.folder)
	once := w.state()
	w.run("plan", "-out=unchanged.tfplan", "-detailed-exitcode")
	w.run("show", "-json", "unchanged.tfplan")
	w.run("show", "-json")

	w.run("plan", "-out=rotation.tfplan", "-var=round=2")
	w.run("show", "-json", "rotation.tfplan")
	w.run("apply", "rotation.tfplan")
	ring.fromState(w.folder)
	w.run("plan", "-var=round=2", "-detailed-exitcode")

	written = append(written, "more.tf")
	w.write("more.tf", "resource \"mtls_pinned_certificate\" \"imported\" {\n  certificate_pem = file(\"imported.pem\")\n}\n")
	w.run("import", "-var=round=2", "mtls_pinned_certificate.imported", "imported.pem,imported.key")
	for refused, told := range map[string]string{
		"certificate_pem = file(\"imported.pem\")\n  private_key_pem_wo = file(\"write-only-1.key\")": "Key does not match",
		"certificate_pem = file(\"imported.pem\")\n  private_key_pem = file(\"write-only-1.key\")":    "Key does not match",
		"subject = { common_name = \"pin\" }\n  private_key_pem_wo = file(\"cut-off.key\")":           "Unreadable private key",
		"subject = { common_name = \"pin\" }\n  private_key_pem_wo = file(\"one-line.key\")":          "Unreadable private key",
		"certificate_pem = file(\"write-only-1.key\")":                                                "Unreadable certificate",
	} {
		w.write("more.tf", "resource \"mtls_pinned_certificate\" \"imported\" {\n  "+refused+"\n}\n")
		if said, err := w.try("plan", "-var=round=2"); err == nil || !strings.Contains(said, told) {
			t.Errorf("%s: want %q, got:\n%s", refused, told, said)
		}
	}
	handshakesThatFail(t, w)
	w.write("more.tf", "resource \"mtls_dataplane_certificate\" \"more\" {\n  subject = { common_name = \"more\" }\n"+
		"  issuer = { certificate_pem = mtls_control_plane_ca.held.certificate_pem, signer_command = [\"sh\", \"shout.sh\"] }\n}\n")
	if said, err := w.try("apply", "-auto-approve", "-var=round=2"); err == nil || !strings.Contains(said, "there is a private key in it") {
		t.Errorf("a program that fails and shouts its key: want that its words are withheld, got:\n%s", said)
	}
	ring.fromStore(w.store)

	hunted := newHunt(t, ring.all())
	hunted.through(append(w.documents(written...), document{"state", "after the first apply", once}))
	hunted.report(t, ring.all())
	for kind, least := range map[string]int{"state": 4, "log": 10, "plan file": 2, "printed": 8, "shown as JSON": 3} {
		if total := hunted.tally[kind]; total == nil || total.documents < least {
			t.Errorf("%d documents of kind %q at least are meant to be searched, got %+v", least, kind, total)
		}
	}
	for _, one := range ring.all() {
		places := slices.DeleteFunc(slices.Clone(hunted.kept[one]), func(place string) bool { return !strings.HasPrefix(place, "after the first apply") })
		if strings.Contains(one.name, "mtls_control_plane_ca.issuing") && len(places) != 1 {
			t.Errorf("beside a dozen leaves, the CA's key is at %d places of the state, want 1: %q", len(places), places)
		}
	}
}

// handshakesThatFail makes handshakes whose diagnostics say as much as they can:
// of a server that is not trusted, of one that accepts against what is expected,
// of one that is not there, and of keys that do not belong to their chains.
func handshakesThatFail(t *testing.T, w *tracedWorkspace) {
	t.Helper()
	const leaf = "chain_pem = mtls_dataplane_certificate.leaf[1].chain_pem\n  private_key_pem = mtls_dataplane_certificate.leaf[1].private_key_pem"
	for body, told := range map[string]string{
		"address = var.server\n  " + leaf + "\n  trust_anchors_pem = [file(\"provided.pem\")]":                                                   "Server not trusted",
		"address = var.server\n  " + leaf + "\n  expect = \"refused\"":                                                                           "Certificate not refused",
		"address = \"127.0.0.1:1\"\n  " + leaf:                                                                                                   "Server not reached",
		"address = var.server\n  chain_pem = mtls_dataplane_certificate.leaf[1].chain_pem\n  private_key_pem = file(\"write-only-1.key\")":       "Key does not match",
		"address = var.server\n  chain_pem = mtls_dataplane_certificate.leaf[1].chain_pem\n  private_key_pem = file(\"cut-off.key\")":            "Unreadable private key",
		"address = var.server\n  chain_pem = file(\"write-only-1.key\")\n  private_key_pem = mtls_dataplane_certificate.leaf[1].private_key_pem": "Unreadable chain",
	} {
		w.write("more.tf", "ephemeral \"mtls_handshake\" \"more\" {\n  "+body+"\n}\n")
		if said, err := w.try("plan", "-var=round=2"); err == nil || !strings.Contains(said, told) {
			t.Errorf("%s: want %q, got:\n%s", body, told, said)
		}
	}
}

// state reads the state file.
func (w *tracedWorkspace) state() []byte {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(w.folder, "terraform.tfstate"))
	if err != nil {
		w.t.Fatal(err)
	}
	return text
}

// TestHuntFindsLeaks: what a careless configuration gives away is found, in the
// state, the plan, what is printed and the other files.
func TestHuntFindsLeaks(t *testing.T) {
	t.Parallel()
	ring, w := newKeyring(t), newTracedWorkspace(t)
	const pin = `
terraform {
  required_providers {
    mtls = { source = "trustplane/mtls" }
  }
}
resource "mtls_pinned_certificate" "it" {
  subject = { common_name = "pin" }
}
`
	w.write("main.tf", pin)
	w.run("apply", "-auto-approve")
	ring.fromState(w.folder)
	w.write("leaky.tf", `
locals {
  key = nonsensitive(mtls_pinned_certificate.it.private_key_pem)
}
resource "terraform_data" "leaky" {
  input = {
    as_it_is   = local.key
    base64     = base64encode(local.key)
    one_line   = join("", slice(split("\n", local.key), 1, 4))
    compressed = "not looked into"
  }
}
resource "terraform_data" "marked" {
  input = mtls_pinned_certificate.it.private_key_pem
}
output "leaky" {
  value = local.key
}
`)
	w.run("plan", "-out=leaky.tfplan")
	w.run("show", "-json", "leaky.tfplan")
	w.run("apply", "leaky.tfplan")
	hunted := newHunt(t, ring.all())
	hunted.through(w.documents("main.tf", "leaky.tf"))
	places := map[string]bool{}
	for _, one := range hunted.leaks {
		places[one.document+one.place] = true
	}
	for _, want := range []string{
		"terraform.tfstate.resources.1.instances.0.attributes.input.value.as_it_is",
		"terraform.tfstate.resources.1.instances.0.attributes.input.value.base64",
		"terraform.tfstate.resources.1.instances.0.attributes.input.value.one_line",
		"terraform.tfstate.resources.2.instances.0.attributes.input.value",
		"terraform.tfstate.outputs.leaky.value",
		"02 plan -out=leaky.tfplan",
		"04 apply leaky.tfplan",
		"03 show -json leaky.tfplan.output_changes.leaky.after",
	} {
		if !places[want] {
			t.Errorf("no leak is found at %s; found are\n%s", want, strings.Join(slices.Sorted(maps.Keys(places)), "\n"))
		}
	}
}

// TestCrashShowsNoKey: the provider is made to die with its stack traces while
// it holds the keys of a CA and of what it issues.
func TestCrashShowsNoKey(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("finds the provider's process in /proc, which is there on Linux alone")
	}
	ring, w := newKeyring(t), newTracedWorkspace(t)
	w.write("ca.key", keyPEM(t, ring.make("CA", pki.ECDSAP256, false)))
	// The stack of a goroutine that runs at that moment is not told: there must
	// be more of them than processors.
	parallelism := runtime.NumCPU() + 8
	w.write("main.tf", fmt.Sprintf(`
terraform {
  required_providers {
    mtls = { source = "trustplane/mtls" }
  }
}
resource "mtls_control_plane_ca" "root" {
  subject            = { common_name = "Root" }
  private_key_pem_wo = file("ca.key")
}
resource "mtls_dataplane_certificate" "slow" {
  count         = %d
  key_algorithm = "RSA-4096"
  subject       = { common_name = "slow-${count.index}" }
  issuer = {
    certificate_pem = mtls_control_plane_ca.root.certificate_pem
    private_key_pem = file("ca.key")
  }
}
`, 3*parallelism))
	command := w.start("apply", "-auto-approve", fmt.Sprintf("-parallelism=%d", parallelism))
	var said strings.Builder
	command.Stdout, command.Stderr = &said, &said
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	provider := w.providerProcess(command.Process.Pid, parallelism)
	// A goroutine dump, as of a fatal error.
	if err := provider.Signal(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	if err := command.Wait(); err == nil {
		t.Fatal("the apply succeeded although its provider died")
	}
	w.printed["apply"] = said.String()
	ring.fromState(w.folder)
	hunted := newHunt(t, ring.all())
	documents, dumped := w.documents("main.tf", "ca.key"), false
	hunted.through(documents)
	for _, one := range documents {
		dumped = dumped || one.kind == "log" && strings.Contains(string(one.text), "goroutine ") && strings.Contains(string(one.text), "(*certificateResource[")
	}
	if !dumped {
		t.Error("no log holds the provider's stack traces: nothing was shown")
	}
	hunted.report(t, ring.all())
}

// providerProcess waits until the provider below terraform issues as many
// certificates as terraform asks for at a time, which the log tells.
func (w *tracedWorkspace) providerProcess(terraform, parallelism int) *os.Process {
	w.t.Helper()
	applies := regexp.MustCompile(`mtls_dataplane_certificate\.slow\[\d+\]: applying`)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		log, err := os.ReadFile(filepath.Join(w.logs, "01-apply.log"))
		if err != nil || len(applies.FindAll(log, parallelism)) < parallelism {
			continue
		}
		for _, child := range children(terraform) {
			if name, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", child)); err == nil && filepath.Base(name) == "terraform-provider-mtls" {
				process, err := os.FindProcess(child)
				if err != nil {
					w.t.Fatal(err)
				}
				return process
			}
		}
	}
	w.t.Fatal("the provider's process did not show")
	return nil
}

// children lists the processes below one, by what Linux tells of each thread.
func children(parent int) []int {
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", parent))
	var all []int
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		for word := range strings.FieldsSeq(string(text)) {
			if child, err := strconv.Atoi(word); err == nil {
				all = append(all, child)
			}
		}
	}
	return all
}

package provider

import (
	"crypto/x509/pkix"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// A heldList is a revocation list that a program signs, which counts its runs.
type heldList struct {
	*managed
	issuer *issue.Issuer
	config written
	runs   func() int
	leaves []*issue.Issued
}

// newHeldList has three data planes in use, and no list yet.
func newHeldList(t *testing.T, clock *stepClock, issuer *issue.Issuer, command []string, runs func() int) *heldList {
	t.Helper()
	h := &heldList{managed: newManaged(t, kindList, clock), issuer: issuer, runs: runs}
	h.config = written{"issuer": written{"certificate_pem": pki.EncodeCertificates(issuer.Certificate), "signer_command": command}, "grace": "0s"}
	for i := range 3 {
		leaf, err := issue.Issue(t.Context(), issue.Request{Profile: issue.DataplaneCertificate, Subject: pkix.Name{CommonName: fmt.Sprintf("edge-%d", i)}, Validity: 60 * day}, issuer, clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		h.leaves = append(h.leaves, leaf)
	}
	h.use(3)
	return h
}

// use lets the first so many data planes be in use.
func (h *heldList) use(number int) {
	var active []string
	for _, leaf := range h.leaves[:number] {
		active = append(active, pkiPEM(leaf))
	}
	h.config = with(h.config, written{"active_certificates_pem": active})
}

// signs holds what is done to how many lists are signed by it: each with the one that
// would be the CA's last.
func (h *heldList) signs(t *testing.T, what string, wanted int, do func()) {
	t.Helper()
	before := h.runs()
	do()
	if got := h.runs() - before; got != 2*wanted {
		t.Errorf("%s: the program ran %d times, want %d", what, got, 2*wanted)
	}
}

// live goes through the life of a list: created, planned without a change, renewed,
// extended.
func (h *heldList) live(t *testing.T) {
	t.Helper()
	h.signs(t, "create", 1, func() { h.must(t, h.config) })
	list := h.crl(t)
	if err := list.CheckSignatureFrom(h.issuer.Certificate); err != nil {
		t.Fatal(err)
	}
	h.signs(t, "nothing changes", 0, func() { h.must(t, h.config) })
	h.clock.Step(5 * day) // it is due two days and eight hours before its end
	h.signs(t, "a plan of the renewal", 0, func() {
		h.refresh(t)
		made, _ := h.plan(t, valueOf(h.kind, h.config))
		if made.planned.Equal(h.state) {
			t.Error("it is not renewed")
		}
	})
	h.signs(t, "the renewal", 1, func() { h.must(t, h.config) })
	if next := h.crl(t); next.Number.Cmp(list.Number) <= 0 || !next.NextUpdate.After(list.NextUpdate) {
		t.Errorf("the next list is %s until %s, after %s until %s", next.Number, next.NextUpdate, list.Number, list.NextUpdate)
	}
	h.use(2)
	h.signs(t, "a data plane is removed", 1, func() { h.must(t, h.config) })
	h.wantRevoked(t, 2)
}

// wantRevoked fails unless those from a number on, and no others, are revoked.
func (h *heldList) wantRevoked(t *testing.T, from int) {
	t.Helper()
	got := strings.Join(h.revokedSerials(t), " ")
	if count := len(strings.Fields(got)); count != len(h.leaves)-from {
		t.Errorf("%d are revoked, want %d", count, len(h.leaves)-from)
	}
	for _, leaf := range h.leaves[from:] {
		if !strings.Contains(got, leaf.Certificate.SerialNumber.Text(16)) {
			t.Errorf("%s is not revoked", leaf.Certificate.Subject)
		}
	}
}

// A list is signed by a program in each apply that needs another one, and in no plan.
// Whatever the program does instead of signing, and whenever an apply is killed,
// nothing that was on the list is lost, and numbers only grow.
func TestListOfAProgram(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []pki.KeyAlgorithm{pki.ECDSAP256, pki.RSA2048, pki.Ed25519} {
		t.Run(string(algorithm), func(t *testing.T) {
			t.Parallel()
			key, clock := newHolder(t, algorithm), newStepClock()
			root, err := issue.Issue(t.Context(), issue.Request{Profile: issue.ControlPlaneCA, Subject: pkix.Name{CommonName: "Held"}, Key: key.key}, nil, clock.Now())
			if err != nil {
				t.Fatal(err)
			}
			h := newHeldList(t, clock, &issue.Issuer{Certificate: root.Certificate, Key: key.key}, []string{filepath.Join(key.folder, "sign.sh")}, key.runs)
			h.live(t)
			h.fail(t, key, algorithm)
			h.beKilled(t)
		})
	}
}

// fail removes a data plane while the program does something else than to sign.
func (h *heldList) fail(t *testing.T, key *holder, algorithm pki.KeyAlgorithm) {
	t.Helper()
	script, err := os.ReadFile(filepath.Join(key.folder, "sign.sh"))
	if err != nil {
		t.Fatal(err)
	}
	right, err := pki.EncodePrivateKey(key.key)
	if err != nil {
		t.Fatal(err)
	}
	another, err := pki.GenerateKey(algorithm)
	if err != nil {
		t.Fatal(err)
	}
	wrong, err := pki.EncodePrivateKey(another)
	if err != nil {
		t.Fatal(err)
	}
	before := h.crl(t)
	h.use(1)
	for what, test := range map[string]struct{ script, key, says string }{
		"it fails":             {"#!/bin/sh\necho the token is locked >&2\nexit 3\n", right, "the token is locked"},
		"it says nothing":      {"#!/bin/sh\nexit 0\n", right, ""},
		"it has another key":   {string(script), wrong, "verif"},
		"only the first signs": {strings.Replace(string(script), "set -eu\n", "set -eu\n[ ! -e \"$0.once\" ] || exit 1\ntouch \"$0.once\"\n", 1), right, ""},
	} {
		key.write(t, "sign.sh", test.script, 0o700)
		key.write(t, "key.pem", test.key, 0o600)
		h.clock.Step(time.Minute)
		refused := errorsOf(h.run(t, h.config))
		if len(refused) != 1 || !strings.Contains(refused[0], test.says) || !strings.Contains(refused[0], "Nothing was changed") {
			t.Errorf("%s: reported %q", what, refused)
		}
		if after := h.crl(t); string(after.Raw) != string(before.Raw) {
			t.Errorf("%s: the list is another one", what)
		}
	}
	key.write(t, "sign.sh", string(script), 0o700)
	key.write(t, "key.pem", right, 0o600)
	h.signs(t, "after the failures", 1, func() { h.must(t, h.config) })
	h.wantRevoked(t, 1)
	if after := h.crl(t); after.Number.Cmp(before.Number) <= 0 {
		t.Errorf("the next list is %s after %s", after.Number, before.Number)
	}
}

// beKilled removes the last data plane in an apply whose result is lost.
func (h *heldList) beKilled(t *testing.T) {
	t.Helper()
	h.use(0)
	h.clock.Step(time.Minute)
	killed := *h
	killed.managed = h.copied()
	killed.signs(t, "the apply that is killed", 1, func() { killed.must(t, h.config) })
	lost := killed.crl(t)
	h.clock.Step(time.Second)
	h.signs(t, "the apply after it", 1, func() { h.must(t, h.config) })
	h.wantRevoked(t, 0)
	if after := h.crl(t); after.Number.Cmp(lost.Number) <= 0 {
		t.Errorf("the list after the kill is %s, and the one that was lost %s", after.Number, lost.Number)
	}
	h.signs(t, "nothing changes after the kill", 0, func() { h.must(t, h.config) })
}

// The same life with a key in a token of SoftHSM, whose program is counted.
func TestListOfAToken(t *testing.T) {
	t.Parallel()
	clock := newStepClock()
	ca := newTokenCA(t, pki.ECDSAP256, clock.Now())
	root, err := pki.ParseCertificate(ca.issuer["certificate_pem"].(string))
	if err != nil {
		t.Fatal(err)
	}
	runs := filepath.Join(t.TempDir(), "runs")
	command := append([]string{"/bin/sh", "-c", `echo >> "$0"; exec "$@"`, runs}, ca.command...)
	newHeldList(t, clock, &issue.Issuer{Certificate: root, Key: ca.key}, command, func() int {
		text, _ := os.ReadFile(runs)
		return strings.Count(string(text), "\n")
	}).live(t)
}

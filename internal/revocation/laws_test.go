package revocation

import (
	"crypto/x509"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// A history is a life, and what a bystander has seen of it.
type history struct {
	*life
	leaves  []*x509.Certificate // that were ever issued
	inUse   []*x509.Certificate
	seen    map[string]time.Time // when a serial number was first on a list for good
	ends    map[string]time.Time
	tracked map[string]bool      // what was in use in an apply that was not killed
	gone    map[string]time.Time // when a certificate vanished from what was applied
	numbers []int64
	lists   int
}

// TestWhatWasRevokedStaysRevoked: over random lives with applies that are killed,
// numbers only grow; what was ever revoked for good is on every later list until
// its own end; what has vanished for longer than the grace is on the list; a list
// that is unchanged plans nothing; and an apply does what its plan said.
func TestWhatWasRevokedStaysRevoked(t *testing.T) {
	ca := newCA(t, "CA", start())
	lists := 0
	rapid.Check(t, func(t *rapid.T) {
		h := &history{life: newLife(t, ca), seen: map[string]time.Time{}, ends: map[string]time.Time{}, gone: map[string]time.Time{}, tracked: map[string]bool{}}
		for range rapid.IntRange(5, 40).Draw(t, "steps") {
			h.step(t)
			h.check(t)
		}
		lists += h.lists
	})
	t.Logf("%d lists", lists)
}

// step changes what is wanted or the clock, and applies.
func (h *history) step(t *rapid.T) {
	h.now = h.now.Add(rapid.SampledFrom([]time.Duration{time.Minute, time.Hour, 20 * time.Hour, 3 * day, 9 * day, 40 * day}).Draw(t, "passes"))
	switch rapid.IntRange(0, 7).Draw(t, "what") {
	case 0, 1:
		life := rapid.SampledFrom([]time.Duration{day, 30 * day, 365 * day}).Draw(t, "life")
		leaf := newLeaf(t, h.want.Issuer.Signer, "leaf", life, h.now)
		h.leaves, h.inUse = append(h.leaves, leaf), append(h.inUse, leaf)
		h.ends[pki.SerialNumber(leaf)] = leaf.NotAfter
	case 2, 3:
		if len(h.inUse) > 0 {
			h.inUse = slices.Delete(slices.Clone(h.inUse), 0, 1)
		}
	case 4:
		if len(h.leaves) > 0 {
			h.revoke(t, h.leaves[rapid.IntRange(0, len(h.leaves)-1).Draw(t, "which")])
		}
	case 5:
		if len(h.want.Revoked) > 0 {
			h.want.Revoked = slices.Delete(slices.Clone(h.want.Revoked), 0, 1)
		}
	case 6:
		h.graceOf(rapid.SampledFrom([]time.Duration{0, time.Hour, 3 * day, 60 * day}).Draw(t, "grace"))
	case 7:
		if len(h.leaves) > 0 {
			h.inUse = append(slices.Clone(h.inUse), h.leaves[rapid.IntRange(0, len(h.leaves)-1).Draw(t, "back in use")])
		}
	}
	h.use(h.inUse...)
	killed := rapid.IntRange(0, 3).Draw(t, "killed") == 0
	shorter := h.record != nil && h.want.Settings.grace() != h.stored.Settings.grace()
	if problems := h.apply(t, killed); problems.Failed() {
		t.Fatalf("unexpected error: %+v", problems)
	}
	if killed {
		return
	}
	h.note()
	if shorter {
		// Another grace counts from the next instant that plans decide on.
		if problems := h.apply(t, false); problems.Failed() {
			t.Fatalf("unexpected error: %+v", problems)
		}
	}
	h.checkVanished(t)
	if again, problems := h.plan(t); again.Action != Keep || problems.Failed() {
		t.Fatalf("a list that is unchanged plans %v for %v, %+v", again.Action, again.Reasons, problems)
	}
}

func (h *history) revoke(t *rapid.T, leaf *x509.Certificate) {
	one := Revoked{Serial: pki.SerialNumber(leaf)}
	if rapid.Bool().Draw(t, "by certificate") {
		one = Revoked{Certificate: leaf}
	}
	if rapid.Bool().Draw(t, "with reason") {
		reason := rapid.SampledFrom([]Reason{KeyCompromise, CertificateHold, Superseded}).Draw(t, "reason")
		one.Reason = &reason
	}
	h.want.Revoked = slices.DeleteFunc(slices.Clone(h.want.Revoked), func(other Revoked) bool {
		return other.Serial == pki.SerialNumber(leaf) || other.Certificate.Equal(leaf)
	})
	h.want.Revoked = append(h.want.Revoked, one)
}

// note remembers what an apply that was not killed has been given.
func (h *history) note() {
	for _, leaf := range h.leaves {
		serial := pki.SerialNumber(leaf)
		switch _, gone := h.gone[serial]; {
		case slices.ContainsFunc(h.inUse, leaf.Equal):
			delete(h.gone, serial)
			h.tracked[serial] = true
		case !gone && h.tracked[serial]:
			h.gone[serial] = h.now
		}
	}
}

// checkVanished: what vanished longer ago than the grace is on the list, if it has
// not ended before.
func (h *history) checkVanished(t *rapid.T) {
	reasons, slack := h.reasons(t), time.Minute // what passed between plan and apply
	for serial, since := range h.gone {
		due := since.Add(h.want.Settings.grace())
		if _, is := reasons[serial]; !is && due.Add(slack).Before(h.now) && h.now.Before(h.ends[serial]) {
			t.Fatalf("%s vanished at %s, and is not on the list at %s, with a grace of %s", serial, since, h.now, h.want.Settings.grace())
		}
	}
}

// check holds the list in state to the laws.
func (h *history) check(t *rapid.T) {
	if h.record == nil {
		return
	}
	list, reasons := h.list(t), h.reasons(t)
	if number := list.Number.Int64(); len(h.numbers) == 0 || number != h.numbers[len(h.numbers)-1] {
		if len(h.numbers) > 0 && number < h.numbers[len(h.numbers)-1]+2 {
			t.Fatalf("number %d after %d", number, h.numbers[len(h.numbers)-1])
		}
		h.numbers, h.lists = append(h.numbers, number), h.lists+1
	}
	for serial, reason := range reasons {
		if _, known := h.seen[serial]; !known && reason != CertificateHold {
			h.seen[serial] = h.now
		}
	}
	for serial := range h.seen {
		reason, is := reasons[serial]
		if !is && !h.ends[serial].Before(list.ThisUpdate) {
			t.Fatalf("%s was revoked at %s, ends at %s, and is not on the list of %s", serial, h.seen[serial], h.ends[serial], list.ThisUpdate)
		}
		if !is {
			delete(h.seen, serial) // its certificate has ended
		}
		if is && reason == CertificateHold {
			t.Fatalf("%s was revoked for good, and is on hold now", serial)
		}
	}
}

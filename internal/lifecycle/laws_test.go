package lifecycle_test

import (
	stdcontext "context"
	"crypto/x509"
	"reflect"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/trustplane/terraform-provider-mtls/internal/lifecycle"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

func context(fataler) stdcontext.Context { return stdcontext.Background() }

// TestLawAPlanHolds: whatever a plan promises while something is unknown holds
// when everything is known, and what it then says is what the apply leaves. That
// is what Terraform asks of a provider.
func TestLawAPlanHolds(t *testing.T) {
	for name, start := range worlds(t) {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				w := start.begin()
				for range rapid.IntRange(1, 5).Draw(t, "applies") {
					w.now = w.now.Add(time.Duration(rapid.IntRange(0, 40*60).Draw(t, "until the plan")) * time.Minute)
					if rapid.Bool().Draw(t, "refresh") {
						w.refresh(t)
					}
					w.config = w.config.change(t)
					w.replaceIssuer(t)
					foreseen := w.plan(t, w.config.foreseen(t))
					w.now = w.now.Add(time.Duration(rapid.IntRange(0, 40*60).Draw(t, "until the apply")) * time.Minute)
					planned := w.plan(t, w.config)
					agree(t, "the plan within the apply", foreseen, planned)
					applied := w.apply(t, planned)
					w.config.issuerReplaced = false
					agree(t, "the apply", planned, applied)
					for _, result := range applied {
						sound(t, result, w.uploads)
					}
				}
			})
		})
	}
}

// TestLawAppliesSettle: with nothing changed, the second plan after an apply keeps
// everything: the first takes up what is due.
func TestLawAppliesSettle(t *testing.T) {
	for name, start := range worlds(t) {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				w := start.begin()
				w.config = w.config.change(t)
				w.apply(t, w.plan(t, w.config))
				w.now = w.now.Add(time.Duration(rapid.IntRange(0, 200*60).Draw(t, "later")) * time.Minute)
				w.config = w.config.change(t)
				for range 2 {
					w.refresh(t)
					w.apply(t, w.plan(t, w.config))
				}
				w.refresh(t)
				for _, result := range w.plan(t, w.config) {
					if result.Action != lifecycle.Keep {
						t.Fatalf("%q is to %s once more, for %v", result.Name, result.Action, result.Reasons)
					}
				}
			})
		})
	}
}

// replaceIssuer puts another issuer in the place of the one there is, now and
// then. A plan may then say that it is certainly another one.
func (w *world) replaceIssuer(t *rapid.T) {
	if len(w.others) == 0 || rapid.IntRange(0, 3).Draw(t, "another issuer") > 0 {
		return
	}
	next := w.others[rapid.IntRange(0, len(w.others)-1).Draw(t, "issuer")]
	w.config.issuerReplaced = next.Fingerprint() != w.issuer.Fingerprint() && w.states != nil && rapid.Bool().Draw(t, "certainly")
	w.issuer = next
}

// agree fails unless everything that is known of before is the same in after.
// Certificates that are yet to be made are unknown in before.
func agree(t *rapid.T, when string, before, after []lifecycle.Result) {
	t.Helper()
	for i := range before {
		b, a := before[i], after[i]
		same(t, when+": certificate", b.Certificate, a.Certificate)
		same(t, when+": chain", b.Chain, a.Chain)
		same(t, when+": private key", b.PrivateKey, a.PrivateKey)
		same(t, when+": issuer", b.Issuer, a.Issuer)
		same(t, when+": generation", b.Generation, a.Generation)
		same(t, when+": root", b.Root, a.Root)
		same(t, when+": limits", b.Limits, a.Limits)
		same(t, when+": key digest", b.SPKISHA256, a.SPKISHA256)
		same(t, when+": key identifier", b.SubjectKeyID, a.SubjectKeyID)
		same(t, when+": renewal", b.RenewalAt, a.RenewalAt)
		waits, is := b.Next.Get()
		waiting, still := a.Next.Get()
		if is && (!still || waits.Generation != waiting.Generation) {
			t.Fatalf("%s: generation %d waits, promised was %d", when, waiting.Generation, waits.Generation)
		}
		same(t, when+": next certificate", waits.Certificate, waiting.Certificate)
		same(t, when+": next key", waits.PrivateKey, waiting.PrivateKey)
		same(t, when+": next instant", waits.At, waiting.At)
		trusted, is := b.Trusted.Get()
		then, still := a.Trusted.Get()
		if is != still && is || is && len(trusted) != len(then) {
			t.Fatalf("%s: %d generations are trusted, promised were %d", when, len(then), len(trusted))
		}
		for j := range trusted {
			if trusted[j].Generation != then[j].Generation {
				t.Fatalf("%s: generation %d is trusted, promised was %d", when, then[j].Generation, trusted[j].Generation)
			}
			same(t, when+": trusted certificate", trusted[j].Certificate, then[j].Certificate)
		}
	}
}

func same[T any](t *rapid.T, what string, promised, found lifecycle.Value[T]) {
	t.Helper()
	before, is := promised.Get()
	if !is {
		return
	}
	after, is := found.Get()
	if !is || !reflect.DeepEqual(before, after) {
		t.Fatalf("%s: %v was promised, found %v (known: %t)", what, before, after, is)
	}
}

// sound fails unless what an apply leaves holds together: the key is the
// certificate's, the chain begins with it, and it is trusted where it is uploaded.
func sound(t *rapid.T, result lifecycle.Result, uploads bool) {
	t.Helper()
	certificate := known(t, result.Certificate)
	key, err := pki.ParsePrivateKey(known(t, result.PrivateKey))
	if err != nil || !pki.SameKey(key.Public(), certificate.PublicKey) {
		t.Fatalf("the key in state is not the certificate's (%v)", err)
	}
	if chain := known(t, result.Chain); !chain[0].Equal(certificate) {
		t.Fatal("the chain begins with another certificate")
	}
	if !uploads {
		return
	}
	trusted := known(t, result.Trusted)
	if next := known(t, result.Next); next.Generation != 0 {
		last := trusted[len(trusted)-1]
		key, err := pki.ParsePrivateKey(known(t, next.PrivateKey))
		if err != nil || last.Generation != next.Generation || !pki.SameKey(key.Public(), known(t, last.Certificate).PublicKey) {
			t.Fatalf("what waits is not the last that is trusted, or the key in state is not its (%v)", err)
		}
		trusted = trusted[:len(trusted)-1]
	}
	if last := trusted[len(trusted)-1]; last.Generation != known(t, result.Generation) || !known(t, last.Certificate).Equal(certificate) {
		t.Fatal("the certificate that is presented is not the last that is trusted")
	}
}

// TestLawAnOverlapLastsAsLongAsItSays: an earlier generation is trusted until the
// overlap has passed since the apply that replaced it, whenever applies and
// refreshes come, and no longer than the first apply after that.
func TestLawAnOverlapLastsAsLongAsItSays(t *testing.T) {
	start := worlds(t)["pin"]
	const overlap = 20 * time.Hour
	rapid.Check(t, func(t *rapid.T) {
		w := start.begin()
		w.config.overlap, w.config.validity = new(overlap), 1000*time.Hour
		replaced := map[int64]time.Time{}
		for turn := range rapid.IntRange(2, 8).Draw(t, "applies") {
			w.now = w.now.Add(time.Duration(rapid.IntRange(1, 30*60).Draw(t, "minutes")) * time.Minute)
			w.refresh(t)
			if rapid.Bool().Draw(t, "rotate") {
				w.config.trigger = strconv.Itoa(turn)
			}
			result := w.apply(t, w.plan(t, w.config))[0]
			if result.Action == lifecycle.Rotate {
				replaced[known(t, result.Generation)-1] = w.now
			}
			trusted := map[int64]bool{}
			for _, one := range known(t, result.Trusted) {
				trusted[one.Generation] = true
			}
			for number := int64(1); number < known(t, result.Generation); number++ {
				if lasts := w.now.Sub(replaced[number]) < overlap; trusted[number] != lasts {
					t.Fatalf("generation %d, replaced %v ago, is trusted: %t", number, w.now.Sub(replaced[number]), trusted[number])
				}
			}
		}
	})
}

// TestLawAReusedKeyStaysWhatItWas: what a CA signed before leads to the CA that
// has replaced it with the same key, byte for byte.
func TestLawAReusedKeyStaysWhatItWas(t *testing.T) {
	start := worlds(t)["ca"]
	rapid.Check(t, func(t *rapid.T) {
		w := start.begin()
		w.config.reuse = true
		var before *x509.Certificate
		for _, turn := range []string{"a", "b", "c"} {
			w.config.trigger = turn
			certificate := known(t, w.apply(t, w.plan(t, w.config))[0].Certificate)
			if before != nil && (!reflect.DeepEqual(certificate.SubjectKeyId, before.SubjectKeyId) || !reflect.DeepEqual(certificate.RawSubject, before.RawSubject)) {
				t.Fatal("the key identifier or the encoding of the subject has changed")
			}
			before = certificate
		}
	})
}

package rotation_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/trustplane/terraform-provider-mtls/internal/rotation"
)

func TestDefaultRenewBefore(t *testing.T) {
	for validity, want := range map[time.Duration]time.Duration{
		87600 * time.Hour:              720 * time.Hour, // ten years
		8760 * time.Hour:               720 * time.Hour,
		2160*time.Hour + 3*time.Second: 720 * time.Hour,
		2160 * time.Hour:               720 * time.Hour, // where both rules meet
		2157 * time.Hour:               719 * time.Hour,
		24 * time.Hour:                 8 * time.Hour,
		9 * time.Second:                3 * time.Second,
		0:                              0,
		-time.Hour:                     0,
	} {
		if got := rotation.DefaultRenewBefore(validity); got != want {
			t.Errorf("validity %v: renewed %v before, want %v", validity, got, want)
		}
	}
}

func TestRenewalAt(t *testing.T) {
	const minute = time.Minute
	for name, c := range map[string]struct {
		validity, renewBefore time.Duration
		notBefore, notAfter   time.Time
		want                  time.Time
	}{
		"as configured":                        {90 * aDay, 30 * aDay, day(0), day(90), day(60)},
		"backdated, so longer than configured": {90 * aDay, 80 * aDay, day(0).Add(-minute), day(90), day(10)},
		"early on purpose":                     {90 * aDay, 89 * aDay, day(0), day(90), day(1)},
		"its last second counted":              {90 * aDay, 80 * aDay, day(0), day(90).Add(-time.Second), day(10).Add(-time.Second)},
		"renewal off":                          {90 * aDay, 0, day(0), day(90), time.Time{}},
		"cut: two thirds come first":           {90 * aDay, 30 * aDay, day(0), day(60), day(40)},
		"cut below renew_before":               {90 * aDay, 30 * aDay, day(0), day(15), day(10)},
		"cut a little: renew_before counts":    {365 * aDay, 30 * aDay, day(0), day(360), day(330)},
		"cut by three seconds":                 {90 * aDay, 80 * aDay, day(0), day(90).Add(-3 * time.Second), day(60).Add(-2 * time.Second)},
		"provided, validity unknown":           {0, 30 * aDay, day(0), day(90), day(60)},
		"provided, shorter than renew_before":  {0, 30 * aDay, day(0), day(10), day(-20)},
		// RFC 5280, section 4.1.2.5: the end of what has no end. Longer than
		// a time.Duration can tell.
		"never ends": {
			90 * aDay, 30 * aDay, day(0), time.Date(9999, time.December, 31, 23, 59, 59, 0, time.UTC),
			time.Date(9999, time.December, 1, 23, 59, 59, 0, time.UTC),
		},
	} {
		t.Run(name, func(t *testing.T) {
			policy := rotation.Policy{Validity: c.validity, RenewBefore: c.renewBefore}
			generation := rotation.Generation{Number: 1, NotBefore: c.notBefore, NotAfter: c.notAfter}
			if got := policy.RenewalAt(generation); !got.Equal(c.want) {
				t.Errorf("due at %v, want %v", got, c.want)
			}
		})
	}
}

func TestRenewalAtOfAFleet(t *testing.T) {
	whole := rotation.Generation{Number: 1, NotBefore: day(0), NotAfter: day(90)}
	cut := rotation.Generation{Number: 1, NotBefore: day(0), NotAfter: day(9)}
	for name, c := range map[string]struct {
		generation       rotation.Generation
		window           time.Duration
		earliest, latest time.Time // latest is due without a window
	}{
		"no window":                     {whole, 0, day(60), day(60)},
		"ten days":                      {whole, 10 * aDay, day(50), day(60)},
		"cut: a third of its life":      {cut, 10 * aDay, day(3), day(6)},
		"negative: as if there is none": {whole, -aDay, day(60), day(60)},
	} {
		t.Run(name, func(t *testing.T) {
			for _, key := range []string{"fra-1", "fra-2", "fra-3", "ams-1", ""} {
				policy := rotation.Policy{Validity: 90 * aDay, RenewBefore: 30 * aDay, SpreadWindow: c.window, SpreadKey: key}
				at := policy.RenewalAt(c.generation)
				if at.Before(c.earliest) || at.After(c.latest) {
					t.Errorf("%q is due at %v, want between %v and %v", key, at, c.earliest, c.latest)
				}
				if moved := !at.Equal(c.latest); moved != (c.window > 0) {
					t.Errorf("%q is due at %v: moved is %t", key, at, moved)
				}
			}
		})
	}
}

// A sound policy finds no certificate due in the first third of its life,
// however short its issuer cut it, unless the user asked for that much.
func TestLawNothingIsDueFromBirth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		policy := renewing().Draw(t, "policy")
		life := time.Duration(rapid.Int64Range(int64(time.Minute), int64(policy.Validity)).Draw(t, "life"))
		born := rotation.Generation{Number: 1, NotBefore: day(0), NotAfter: day(0).Add(life)}
		at := policy.RenewalAt(born)
		if !at.Before(born.NotAfter) {
			t.Fatalf("due on %v, not before its end on %v", at, born.NotAfter)
		}
		asked := policy.Validity - policy.RenewBefore - policy.SpreadWindow
		if age := at.Sub(born.NotBefore); age < min(asked, life/3-2*instant)-time.Second {
			t.Fatalf("due at the age of %v in a life of %v", age, life)
		}
	})
}

func TestDue(t *testing.T) {
	policy := quarterly()
	for now, want := range map[time.Time]bool{
		day(60).Add(-instant): false, day(60): true, day(60).Add(instant): true, day(99): true,
	} {
		if got := policy.Due(third, now); got != want {
			t.Errorf("due at %v: %t", now, got)
		}
	}
	policy.RenewBefore = 0
	if policy.Due(third, day(99)) {
		t.Error("due although renewal is off")
	}
}

func TestCheck(t *testing.T) {
	for name, c := range map[string]struct {
		policy rotation.Policy
		want   []string
	}{
		"the zero policy": {},
		"sound": {
			policy: rotation.Policy{Validity: 90 * aDay, RenewBefore: 90*aDay - 1, Overlap: days(90)},
		},
		"provided: nothing to compare with": {
			policy: rotation.Policy{RenewBefore: 99 * aDay, Overlap: days(99), SpreadWindow: aDay},
		},
		"renew_before is the validity": {
			policy: rotation.Policy{Validity: 2160 * time.Hour, RenewBefore: 2160 * time.Hour},
			want:   []string{"renew_before 2160h is not shorter than the validity of 2160h"},
		},
		"overlap can never be reached": {
			policy: rotation.Policy{Validity: 2160 * time.Hour, Overlap: days(91)},
			want:   []string{"overlap 2184h is longer than the validity of 2160h"},
		},
		"all wrong, all told": {
			policy: rotation.Policy{Validity: -time.Hour, RenewBefore: -90 * time.Minute, Overlap: days(-1)},
			want:   []string{"validity -1h is negative", "renew_before -1h30m is negative", "overlap -24h is negative"},
		},
		"two at once": {
			policy: rotation.Policy{Validity: time.Hour, RenewBefore: 2 * time.Hour, Overlap: days(1)},
			want: []string{
				"renew_before 2h is not shorter than the validity of 1h",
				"overlap 24h is longer than the validity of 1h",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, fault := range c.policy.Check() {
				got = append(got, fault.Error())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

// What the caller branches on: the setting tells the attribute.
func TestCheckIsTyped(t *testing.T) {
	policy := rotation.Policy{Validity: aDay, RenewBefore: 2 * aDay, Overlap: days(-1)}
	want := []*rotation.PolicyError{
		{Setting: rotation.SettingOverlap, Fault: rotation.Negative, Value: -aDay},
		{Setting: rotation.SettingRenewBefore, Fault: rotation.NotBelowValidity, Value: 2 * aDay, Limit: aDay},
	}
	if diff := cmp.Diff(want, policy.Check()); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

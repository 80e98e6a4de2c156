package rotation_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/trustplane/terraform-provider-mtls/internal/rotation"
)

// What data planes present once the plan is applied is trusted, and so is what
// they present until they have switched, unless the policy wants it gone.
func TestLawActiveIsTrusted(t *testing.T) {
	anything().lives(t, func(t *rapid.T, p plan) {
		trusted := trustedAfter(p.decision)
		if !slices.Contains(trusted, p.made.Number) {
			t.Fatalf("generation %d is active, %v are trusted", p.made.Number, trusted)
		}
		old := p.timeline.Active
		if !slices.Contains(trusted, old.Number) && !p.keepsNone() && p.now.Before(old.NotAfter) {
			t.Fatalf("generation %d is presented during the apply, %v are trusted", old.Number, trusted)
		}
	})
}

// Where plans come no further apart than due and end, no instant finds the
// active generation ended, whatever the policies on the way.
func TestLawActiveIsValidAtEveryInstant(t *testing.T) {
	w := world{policies: renewing(), causes: true, punctual: true}
	w.lives(t, func(t *rapid.T, p plan) {
		if active := p.timeline.Active; !p.now.Before(active.NotAfter) {
			t.Fatalf("generation %d ended on %v, the plan came on %v", active.Number, active.NotAfter, p.now)
		}
		if p.now.Before(p.made.NotBefore) || p.policy.Due(p.made, p.now) {
			t.Fatalf("generation %d is left behind, due on %v", p.made.Number, p.policy.RenewalAt(p.made))
		}
	})
}

// However late a plan comes, it leaves an active generation that is valid, and
// not due before another plan can do something about it.
func TestLawOneLatePlanIsEnough(t *testing.T) {
	w := world{policies: renewing(), causes: true}
	w.lives(t, func(t *rapid.T, p plan) {
		if !p.now.Before(p.made.NotAfter) || p.policy.Due(p.made, p.now) {
			t.Fatalf("generation %d is left behind, due on %v", p.made.Number, p.policy.RenewalAt(p.made))
		}
	})
}

// A generation leaves the bundle only because the policy keeps none, its
// overlap has passed or it has ended.
func TestLawNothingIsLostEarly(t *testing.T) {
	anything().lives(t, func(t *rapid.T, p plan) {
		for _, e := range p.superseded() {
			overlapPassed := p.policy.Overlap != nil && !e.SupersededAt.IsZero() && p.now.Sub(e.SupersededAt) >= *p.policy.Overlap
			hasEnded := !p.now.Before(e.NotAfter)
			if !p.keeps(e.Number) && !p.keepsNone() && (p.behind() || !overlapPassed && !hasEnded) {
				t.Fatalf("lost generation %d, superseded at %v, ending on %v", e.Number, e.SupersededAt, e.NotAfter)
			}
		}
	})
}

// No generation stays beyond its overlap or its own end, on a clock that is
// not known to be wrong.
func TestLawNothingIsKeptLate(t *testing.T) {
	anything().lives(t, func(t *rapid.T, p plan) {
		for _, e := range p.timeline.Earlier {
			if !p.keeps(e.Number) {
				continue
			}
			overlapPassed := p.policy.Overlap != nil && !e.SupersededAt.IsZero() && !p.now.Before(e.SupersededAt.Add(*p.policy.Overlap))
			if !p.behind() && (overlapPassed || !p.now.Before(e.NotAfter)) {
				t.Fatalf("kept generation %d, superseded at %v, ending on %v", e.Number, e.SupersededAt, e.NotAfter)
			}
			if p.keepsNone() {
				t.Fatalf("kept generation %d although none is to be kept", e.Number)
			}
		}
	})
}

// Every earlier generation, and the one superseded, is either kept or dropped;
// no other number appears.
func TestLawEveryGenerationIsAccountedFor(t *testing.T) {
	anything().lives(t, func(t *rapid.T, p plan) {
		var want []int64
		for _, e := range p.superseded() {
			want = append(want, e.Number)
		}
		if waiting := p.timeline.Waiting; waiting != nil && (p.decision.Step.Makes() || p.decision.Step == rotation.Withdraw) {
			want = append(want, waiting.Number)
		}
		got := slices.Concat(p.decision.Kept, p.decision.Dropped)
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Fatalf("kept %v, dropped %v, of %v", p.decision.Kept, p.decision.Dropped, want)
		}
		if !slices.IsSorted(p.decision.Kept) || !slices.IsSorted(p.decision.Dropped) {
			t.Fatalf("out of order: kept %v, dropped %v", p.decision.Kept, p.decision.Dropped)
		}
	})
}

// A rotation adds one to the number, anything else nothing, however many causes
// there are; no number comes twice.
func TestLawNumbersGrowByOneAPlan(t *testing.T) {
	anything().lives(t, func(t *rapid.T, p plan) {
		highest := max(p.timeline.Active.Number, p.timeline.Highest)
		want := [2]int64{p.timeline.Active.Number, 0}
		if waiting := p.timeline.Waiting; waiting != nil {
			highest, want[1] = max(highest, waiting.Number), waiting.Number
		}
		switch p.decision.Step {
		case rotation.Rotate:
			want = [2]int64{highest + 1, 0}
		case rotation.Prepare:
			want[1] = highest + 1
		case rotation.Present:
			want = [2]int64{want[1], 0}
		case rotation.Withdraw:
			want[1] = 0
		case rotation.Stay:
		}
		if got := [2]int64{p.decision.Generation, p.decision.Waiting}; got != want {
			t.Fatalf("active and waiting are %v, want %v after %s", got, want, p.decision.Step)
		}
		trusted := trustedAfter(p.decision)
		if len(slices.Compact(slices.Clone(trusted))) != len(trusted) || slices.Max(trusted) != max(want[0], want[1]) {
			t.Fatalf("trusted %v, active and waiting %v", trusted, want)
		}
	})
}

// A plan rotates exactly if it has reasons, and has a reason exactly if the
// caller gave its cause or renewal is due.
func TestLawNothingWithoutReason(t *testing.T) {
	anything().lives(t, func(t *rapid.T, p plan) {
		active, policy, reissued := p.timeline.Active, p.policy, p.timeline.ReissuedEnd
		worthwhile := reissued.IsZero() || reissued.After(active.NotAfter)
		due := policy.RenewBefore != 0 && !p.now.Before(policy.BeginsAt(active))
		waiting, waitingEnded := p.timeline.Waiting, false
		if waiting != nil {
			waitingEnded = !p.now.Before(waiting.NotAfter) && (reissued.IsZero() || reissued.After(waiting.NotAfter))
		}
		given := map[rotation.Reason]bool{
			rotation.InputChanged:        p.causes.InputChanged,
			rotation.TriggerChanged:      p.causes.TriggerChanged,
			rotation.IssuerChanged:       p.causes.IssuerChanged,
			rotation.IssuerUnknown:       p.causes.IssuerUnknown,
			rotation.CertificateReplaced: p.causes.CertificateReplaced,
			rotation.KeyVersionChanged:   p.causes.KeyVersionChanged,
			rotation.RenewalDue:          due && policy.Renewable && worthwhile && !p.behind() && waiting == nil,
			rotation.WaitingEnded:        waitingEnded && policy.Renewable && !p.behind(),
		}
		for reason, holds := range given {
			if slices.Contains(p.decision.Reasons, reason) != holds {
				t.Fatalf("%s holds: %t, reasons: %v", reason, holds, p.decision.Reasons)
			}
		}
		if p.decision.Step.Makes() != (len(p.decision.Reasons) > 0) {
			t.Fatalf("it is to %s, reasons: %v", p.decision.Step, p.decision.Reasons)
		}
	})
}

// The plan that follows an apply at once, with nothing changed, is empty.
func TestLawASecondPlanIsEmpty(t *testing.T) {
	w := world{policies: renewing(), causes: true}
	w.lives(t, func(t *rapid.T, p plan) {
		again := rotation.Decide(p.after, p.policy, rotation.Causes{}, p.now)
		if again.Step != rotation.Stay || len(again.Dropped) > 0 || !slices.Equal(trustedAfter(again), trustedAfter(p.decision)) {
			t.Fatalf("the second plan is %+v after %+v", again, p.decision)
		}
	})
}

// A clock that is behind gives notice, makes nothing due and ends nothing.
func TestLawAClockBehindDecidesNothing(t *testing.T) {
	anything().lives(t, func(t *rapid.T, p plan) {
		if told := slices.Contains(p.decision.Notices, rotation.ClockBehind); told != p.behind() {
			t.Fatalf("the clock is behind: %t, notices: %v", p.behind(), p.decision.Notices)
		}
		if !p.behind() {
			return
		}
		if slices.Contains(p.decision.Reasons, rotation.RenewalDue) {
			t.Fatal("renewal is due on a clock that is behind")
		}
		for _, number := range p.decision.Dropped {
			if number <= p.timeline.Active.Number && !p.keepsNone() {
				t.Fatalf("dropped %v on a clock that is behind", p.decision.Dropped)
			}
		}
		if p.decision.Step == rotation.Present {
			t.Fatal("presents what waits on a clock that is behind")
		}
	})
}

// What a clock that is behind recorded does not cut an overlap short once the
// clock is right again.
func TestLawAnOverlapSurvivesAClockBehind(t *testing.T) {
	anything().lives(t, func(t *rapid.T, p plan) {
		if !p.now.Before(p.timeline.Active.NotBefore) || !p.switches() || p.keepsNone() {
			return
		}
		old := p.timeline.Active
		rightAgain := old.NotBefore.Add(rapid.Custom(func(t *rapid.T) time.Duration {
			return time.Duration(rapid.Int64Range(0, int64(old.NotAfter.Sub(old.NotBefore))-1).Draw(t, "age"))
		}).Draw(t, "right again"))
		next := rotation.Decide(p.after, p.policy, rotation.Causes{}, rightAgain)
		if !slices.Contains(trustedAfter(next), old.Number) {
			t.Fatalf("lost generation %d, superseded while the clock was behind", old.Number)
		}
	})
}

// Turning a policy up or down has the effect that it says, whatever the past: a
// longer overlap keeps whatever a shorter one keeps, an earlier renewal is due
// whenever a later one is.
func TestLawPoliciesActInOneDirection(t *testing.T) {
	anything().lives(t, func(t *rapid.T, p plan) {
		longer, earlier := p.policy, p.policy
		if p.policy.Overlap != nil {
			longer.Overlap = overlaps(int(*p.policy.Overlap/time.Hour), 30000).Filter(func(d *time.Duration) bool {
				return d == nil || *d >= *p.policy.Overlap
			}).Draw(t, "longer overlap")
		}
		more := rotation.Decide(p.timeline, longer, p.causes, p.now)
		for _, number := range p.decision.Kept {
			if !slices.Contains(more.Kept, number) {
				t.Fatalf("the longer overlap loses generation %d", number)
			}
		}
		if p.policy.RenewBefore == 0 {
			return
		}
		earlier.RenewBefore += hours(1, 3000).Draw(t, "earlier")
		sooner := rotation.Decide(p.timeline, earlier, p.causes, p.now)
		if earlier.RenewBefore != 0 && p.decision.Step.Makes() && !sooner.Step.Makes() {
			t.Fatalf("renewed %v before its end but not %v", p.policy.RenewBefore, earlier.RenewBefore)
		}
	})
}

// A plan is a function of what it is given: made twice it says the same, in
// whatever order it is given the past, and it changes nothing.
func TestLawDecideIsPure(t *testing.T) {
	anything().lives(t, func(t *rapid.T, p plan) {
		shuffled := p.timeline
		// With room behind its end, which is the caller's too.
		shuffled.Earlier = append(rapid.Permutation(p.timeline.Earlier).Draw(t, "order"), rotation.Earlier{})
		before := slices.Clone(shuffled.Earlier)
		shuffled.Earlier = shuffled.Earlier[:len(before)-1]
		again := rotation.Decide(shuffled, p.policy, p.causes, p.now)
		if diff := cmp.Diff(p.decision, again); diff != "" {
			t.Fatalf("made twice (-first +second):\n%s", diff)
		}
		if diff := cmp.Diff(before, shuffled.Earlier[:len(before)]); diff != "" {
			t.Fatalf("the past changed:\n%s", diff)
		}
	})
}

package rotation_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/trustplane/terraform-provider-mtls/internal/rotation"
)

// A whole life with prepublication, plan by plan, as the package's drawing has it.
func TestALifeWithPrepublication(t *testing.T) {
	policy := quarterly()
	policy.Overlap, policy.Prepublish = days(7), 5*aDay
	timeline := rotation.Timeline{Active: rotation.Generation{Number: 1, NotBefore: day(0), NotAfter: day(90)}}
	for _, plan := range []struct {
		day     int
		step    rotation.Step
		active  int64
		trusted []int64
	}{
		{0, rotation.Stay, 1, []int64{1}},
		{54, rotation.Stay, 1, []int64{1}},
		{55, rotation.Prepare, 1, []int64{1, 2}},
		{59, rotation.Stay, 1, []int64{1, 2}},
		{60, rotation.Present, 2, []int64{1, 2}},
		{66, rotation.Stay, 2, []int64{1, 2}},
		{67, rotation.Stay, 2, []int64{2}},
		{112, rotation.Prepare, 2, []int64{2, 3}}, // two days late
		{116, rotation.Stay, 2, []int64{2, 3}},
		{130, rotation.Present, 3, []int64{2, 3}}, // many days late
		{137, rotation.Stay, 3, []int64{3}},
		{400, rotation.Rotate, 4, []int64{4}}, // nobody planned for long: 3 has ended
	} {
		now := day(plan.day)
		decision := rotation.Decide(timeline, policy, rotation.Causes{}, now)
		if decision.Step != plan.step || decision.Generation != plan.active {
			t.Fatalf("day %d: %s, and %d is active, want %s and %d", plan.day, decision.Step, decision.Generation, plan.step, plan.active)
		}
		if diff := cmp.Diff(plan.trusted, trustedAfter(decision)); diff != "" {
			t.Fatalf("day %d trusts (-want +got):\n%s", plan.day, diff)
		}
		timeline = applied(timeline, decision, now, now.Add(policy.Validity))
	}
}

// fourth waits since day 55, to be presented on day 60.
func fourth() *rotation.Waiting {
	return &rotation.Waiting{Generation: rotation.Generation{Number: 4, NotBefore: day(55), NotAfter: day(145)}, TrustedSince: day(55)}
}

func TestWaiting(t *testing.T) {
	type outcome struct {
		step            rotation.Step
		active, waiting int64
		kept, dropped   []int64
		reasons         []rotation.Reason
		notices         []rotation.Notice
	}
	type scene struct {
		policy  func(*rotation.Policy)
		waiting func(*rotation.Waiting)
		none    bool // nothing waits
		causes  rotation.Causes
		highest int64
		end     time.Time // of the active one, day 90 if zero
		issued  time.Time // end of what would be made
		now     time.Time
		want    outcome
	}
	trigger := rotation.Causes{TriggerChanged: true}
	triggered := []rotation.Reason{rotation.TriggerChanged}
	waits := []rotation.Notice{rotation.Waits}
	stays := outcome{step: rotation.Stay, active: 3, waiting: 4, notices: waits}
	presents := outcome{step: rotation.Present, active: 4, kept: []int64{3}}
	anew := outcome{step: rotation.Prepare, active: 3, waiting: 5, dropped: []int64{4}, reasons: triggered, notices: waits}
	prepublish := func(d time.Duration) func(*rotation.Policy) {
		return func(p *rotation.Policy) { p.Prepublish = d }
	}
	for name, s := range map[string]scene{
		"a renewal begins that much before it is due": {
			none: true, now: day(55),
			want: outcome{step: rotation.Prepare, active: 3, waiting: 4, reasons: []rotation.Reason{rotation.RenewalDue}, notices: waits},
		},
		"and not an instant earlier":    {none: true, now: day(55).Add(-instant), want: outcome{active: 3}},
		"a trigger: the next one waits": {none: true, now: day(9), causes: trigger, want: outcome{step: rotation.Prepare, active: 3, waiting: 4, reasons: triggered, notices: waits}},
		"its time has not passed":       {now: day(60).Add(-instant), want: stays},
		"its time has passed":           {now: day(60), want: presents},
		"a late apply":                  {now: day(80), want: presents},
		"not before a whole second": {
			waiting: func(w *rotation.Waiting) { w.TrustedSince = w.TrustedSince.Add(instant) }, now: day(60).Add(time.Second - instant), want: stays,
		},
		"at a whole second": {
			waiting: func(w *rotation.Waiting) { w.TrustedSince = w.TrustedSince.Add(instant) }, now: day(60).Add(time.Second), want: presents,
		},
		"longer now: it waits that longer": {policy: prepublish(9 * aDay), now: day(63), want: stays},
		"shorter now: at once":             {policy: prepublish(3 * aDay), now: day(58), want: presents},
		"none now: at once":                {policy: prepublish(0), now: day(56), want: presents},
		"no overlap now: at once, and what was is gone": {
			policy: func(p *rotation.Policy) { p.Overlap = days(0) }, now: day(56),
			want: outcome{step: rotation.Present, active: 4, dropped: []int64{3}},
		},
		"a second trigger: another one waits, from the beginning": {now: day(59), causes: trigger, want: anew},
		"a second trigger when its time has passed":               {now: day(70), causes: trigger, want: anew},
		"a compromised key: neither of the two": {
			policy: func(p *rotation.Policy) { p.Overlap = days(0) }, now: day(56), causes: trigger,
			want: outcome{step: rotation.Rotate, active: 5, dropped: []int64{3, 4}, reasons: triggered},
		},
		"a compromised key that may be trusted for its overlap": {
			policy: prepublish(0), now: day(56), causes: trigger,
			want: outcome{step: rotation.Rotate, active: 5, kept: []int64{3}, dropped: []int64{4}, reasons: triggered},
		},
		"numbers are never given twice": {
			none: true, highest: 6, now: day(9), causes: trigger,
			want: outcome{step: rotation.Prepare, active: 3, waiting: 7, reasons: triggered, notices: waits},
		},
		"the active one is wanted again": {
			now: day(58), causes: rotation.Causes{ActiveWanted: true}, want: outcome{step: rotation.Withdraw, active: 3, dropped: []int64{4}},
		},
		"the active one has ended: nothing is worse": {
			now: day(57), end: day(57), want: outcome{step: rotation.Present, active: 4, dropped: []int64{3}},
		},
		"the active one has ended, and nothing waits": {
			none: true, now: day(57), end: day(57),
			want: outcome{step: rotation.Rotate, active: 4, dropped: []int64{3}, reasons: []rotation.Reason{rotation.RenewalDue}},
		},
		"trusted since an unknown instant: until the active one ends": {
			waiting: func(w *rotation.Waiting) { w.TrustedSince = time.Time{} }, now: day(89), want: stays,
		},
		"trusted since an unknown instant, and the active one ends": {
			waiting: func(w *rotation.Waiting) { w.TrustedSince = time.Time{} }, now: day(90),
			want: outcome{step: rotation.Present, active: 4, dropped: []int64{3}},
		},
		"made by a clock that ran ahead": {
			now: day(54), policy: prepublish(0),
			want: outcome{active: 3, waiting: 4, notices: []rotation.Notice{rotation.ClockBehind, rotation.Waits}},
		},
		"made by a clock that ran ahead: a trigger cures it": {
			now: day(54), causes: trigger,
			want: outcome{
				step: rotation.Prepare, active: 3, waiting: 5, dropped: []int64{4}, reasons: triggered,
				notices: []rotation.Notice{rotation.ClockBehind, rotation.Waits},
			},
		},
		"it ended while it waited: another one": {
			waiting: func(w *rotation.Waiting) { w.NotAfter = day(58) }, now: day(60),
			want: outcome{
				step: rotation.Prepare, active: 3, waiting: 5, dropped: []int64{4}, notices: waits,
				reasons: []rotation.Reason{rotation.WaitingEnded},
			},
		},
		"it ended while it waited, and its issuer has no more life": {
			waiting: func(w *rotation.Waiting) { w.NotAfter = day(58) }, now: day(60), issued: day(58),
			want: outcome{active: 3, waiting: 4, notices: []rotation.Notice{rotation.IssuerEndsFirst, rotation.Waits}},
		},
		"it ended while it waited, and it was provided": {
			waiting: func(w *rotation.Waiting) { w.NotAfter = day(58) }, now: day(60), policy: func(p *rotation.Policy) { p.Renewable = false },
			want: outcome{active: 3, waiting: 4, notices: []rotation.Notice{rotation.RenewByHand, rotation.Waits}},
		},
		"provided, and due: its owner hears of it in time": {
			none: true, now: day(55), policy: func(p *rotation.Policy) { p.Renewable = false },
			want: outcome{active: 3, notices: []rotation.Notice{rotation.RenewByHand}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			policy, timeline := quarterly(), rotation.Timeline{Active: third, Highest: s.highest, ReissuedEnd: s.issued}
			policy.Prepublish = 5 * aDay
			if s.policy != nil {
				s.policy(&policy)
			}
			if !s.end.IsZero() {
				timeline.Active.NotAfter = s.end
			}
			if !s.none {
				timeline.Waiting = fourth()
				if s.waiting != nil {
					s.waiting(timeline.Waiting)
				}
			}
			got := rotation.Decide(timeline, policy, s.causes, s.now)
			if diff := cmp.Diff(s.want, outcome{got.Step, got.Generation, got.Waiting, got.Kept, got.Dropped, got.Reasons, got.Notices},
				cmp.AllowUnexported(outcome{}), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("decision (-want +got):\n%s", diff)
			}
			again := rotation.Follow(timeline, policy, got.Step, s.now)
			if diff := cmp.Diff([]any{got.Generation, got.Waiting, got.Kept, got.Dropped}, []any{again.Generation, again.Waiting, again.Kept, again.Dropped}); diff != "" {
				t.Errorf("followed (-decided +followed):\n%s", diff)
			}
		})
	}
}

func TestCheckOfPrepublication(t *testing.T) {
	for name, c := range map[string]struct {
		policy rotation.Policy
		want   []string
	}{
		"sound":                {rotation.Policy{Validity: 90 * aDay, RenewBefore: 30 * aDay, Prepublish: 30*aDay - 1}, nil},
		"provided":             {rotation.Policy{Prepublish: aDay}, nil},
		"renewal off":          {rotation.Policy{Validity: 90 * aDay, Prepublish: 89 * aDay}, nil},
		"negative":             {rotation.Policy{Validity: 90 * aDay, Prepublish: -aDay}, []string{"prepublish -24h is negative"}},
		"as long as the life":  {rotation.Policy{Validity: aDay, Prepublish: aDay}, []string{"prepublish 24h is not shorter than the validity of 24h"}},
		"as long as the other": {rotation.Policy{Validity: 90 * aDay, RenewBefore: aDay, Prepublish: aDay}, []string{"prepublish 24h is not shorter than the renew_before of 24h"}},
		"nothing is left of it": {
			rotation.Policy{Validity: 10 * aDay, RenewBefore: 6 * aDay, Prepublish: 4 * aDay},
			[]string{"prepublish 96h is, together with renew_before, not shorter than the validity of 240h"},
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

// What is presented was trusted for the prepublication before, as the policy of
// the plan that presents it has it, whatever happened in between; unless what it
// replaces had ended. Only instants of a clock that is not known to be wrong count.
func TestLawTrustedFirstPresentedLater(t *testing.T) {
	for name, w := range map[string]world{
		"anything": anything(),
		"sound and brisk, with a clock that jumps back": {clockJumpsBack: true, policies: prepublishing(), causes: true, issuerEnds: true, brisk: true},
	} {
		t.Run(name, func(t *testing.T) {
			presented, waited, steps := 0, 0, map[rotation.Step]int{}
			w.wholeLives(t, func() func(*rapid.T, plan, bool) {
				since := map[int64]time.Time{}
				return func(t *rapid.T, p plan, isApplied bool) {
					steps[p.decision.Step]++
					old := p.timeline.Active
					if p.switches() && p.waits() && p.now.Before(old.NotAfter) {
						from, is := since[p.made.Number]
						if !is || p.now.Sub(from) < p.policy.Prepublish {
							t.Fatalf("generation %d is presented, trusted since %v, and prepublish is %v", p.made.Number, from, p.policy.Prepublish)
						}
						waited++
					}
					if p.switches() {
						presented++
					}
					// A refresh says since when, too, where an apply could not.
					trusted := []int64{old.Number}
					if p.timeline.Waiting != nil {
						trusted = append(trusted, p.timeline.Waiting.Number)
					}
					if isApplied {
						trusted = trustedAfter(p.decision)
						maps.DeleteFunc(since, func(number int64, _ time.Time) bool { return !slices.Contains(trusted, number) })
					}
					for _, number := range trusted {
						if _, is := since[number]; !is && !p.now.Before(old.NotBefore) {
							since[number] = p.now
						}
					}
				}
			})
			t.Logf("%d generations were presented, %d of them had to wait: %v", presented, waited, steps)
			if name != "anything" && waited < presented/10 {
				t.Errorf("only %d generations of %d had to wait", waited, presented)
			}
		})
	}
}

// Numbers are never given twice, not even that of a generation that was dropped
// before it was presented; one waits at most, and it is the newest.
func TestLawNumbersAreNeverGivenTwice(t *testing.T) {
	anything().wholeLives(t, func() func(*rapid.T, plan, bool) {
		var highest int64
		return func(t *rapid.T, p plan, isApplied bool) {
			highest = max(highest, p.timeline.Active.Number)
			if made := max(p.decision.Generation, p.decision.Waiting); p.decision.Step.Makes() && made != highest+1 {
				t.Fatalf("generation %d is made, and %d was given", made, highest)
			}
			if p.decision.Waiting != 0 && p.decision.Waiting <= p.decision.Generation {
				t.Fatalf("generation %d waits behind %d", p.decision.Waiting, p.decision.Generation)
			}
			if p.decision.Generation < p.timeline.Active.Number {
				t.Fatalf("generation %d comes after %d", p.decision.Generation, p.timeline.Active.Number)
			}
			if isApplied {
				highest = max(highest, p.decision.Generation, p.decision.Waiting)
			}
		}
	})
}

// What waits is in the end presented, or replaced for a reason, or no longer
// wanted; it is trusted all the while.
func TestLawWhatWaitsStaysTrusted(t *testing.T) {
	anything().lives(t, func(t *rapid.T, p plan) {
		waiting := p.timeline.Waiting
		if waiting == nil || slices.Contains(trustedAfter(p.decision), waiting.Number) {
			return
		}
		if len(p.decision.Reasons) == 0 && !p.causes.ActiveWanted {
			t.Fatalf("generation %d is trusted no longer: %+v", waiting.Number, p.decision)
		}
	})
}

// Where plans come twice between due and end, every renewal is through before
// the end: no plan finds the active generation ended, and the one before is then
// trusted still.
func TestLawPrepublicationIsInTime(t *testing.T) {
	w := world{policies: prepublishing(), punctual: true, steady: true}
	w.lives(t, func(t *rapid.T, p plan) {
		if active := p.timeline.Active; !p.now.Before(active.NotAfter) {
			t.Fatalf("generation %d ended on %v, the plan came on %v", active.Number, active.NotAfter, p.now)
		}
		if p.switches() && !p.keepsNone() && !p.keeps(p.timeline.Active.Number) {
			t.Fatalf("generation %d was presented until now, and is lost", p.timeline.Active.Number)
		}
	})
}

// The plan that follows an apply at once waits, if that made something wait, and
// changes nothing.
func TestLawWaitingSettles(t *testing.T) {
	w := world{policies: prepublishing(), causes: true}
	w.lives(t, func(t *rapid.T, p plan) {
		if !p.decision.Step.Makes() {
			return
		}
		again := rotation.Decide(p.after, p.policy, rotation.Causes{}, p.now)
		if again.Step != rotation.Stay || !slices.Equal(trustedAfter(again), trustedAfter(p.decision)) {
			t.Fatalf("the second plan is %+v after %+v", again, p.decision)
		}
	})
}

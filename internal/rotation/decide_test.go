package rotation_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/trustplane/terraform-provider-mtls/internal/rotation"
)

const aDay = 24 * time.Hour

// day is midnight of the n-th day since the lives of these tests began.
func day(n int) time.Time {
	return time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(n) * aDay)
}

func days(n int) *time.Duration {
	d := time.Duration(n) * aDay
	return &d
}

const instant = time.Nanosecond

// sameDecision takes an absent list for an empty one.
func sameDecision(t *testing.T, got, want rotation.Decision) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("decision (-want +got):\n%s", diff)
	}
}

// The third generation lives from day 0 to day 90 and is due on day 60. The
// second was superseded on day 0 and ends on day 30.
var (
	third  = rotation.Generation{Number: 3, NotBefore: day(0), NotAfter: day(90)}
	second = rotation.Earlier{Number: 2, NotAfter: day(30), SupersededAt: day(0)}
)

func quarterly() rotation.Policy {
	return rotation.Policy{Validity: 90 * aDay, RenewBefore: 30 * aDay, KeepsEarlier: true, Renewable: true}
}

// trustedAfter lists the numbers that the control plane trusts once a decision is
// applied, ascending: those kept, then the active one, then the one that waits.
func trustedAfter(decision rotation.Decision) []int64 {
	trusted := append(slices.Clone(decision.Kept), decision.Generation)
	if decision.Waiting != 0 {
		trusted = append(trusted, decision.Waiting)
	}
	return trusted
}

// A scene is one plan in the life of the third generation.
type scene struct {
	policy   func(*rotation.Policy) // nil: quarterly, as it is
	earlier  []rotation.Earlier
	reissued time.Time
	causes   rotation.Causes
	now      time.Time
	want     rotation.Decision
}

func play(t *testing.T, scenes map[string]scene) {
	t.Helper()
	for name, s := range scenes {
		t.Run(name, func(t *testing.T) {
			policy := quarterly()
			if s.policy != nil {
				s.policy(&policy)
			}
			timeline := rotation.Timeline{Active: third, Earlier: s.earlier, ReissuedEnd: s.reissued}
			sameDecision(t, rotation.Decide(timeline, policy, s.causes, s.now), s.want)
		})
	}
}

func stays(notices ...rotation.Notice) rotation.Decision {
	return rotation.Decision{Generation: 3, Notices: notices}
}

func rotates(reasons ...rotation.Reason) rotation.Decision {
	return rotation.Decision{Step: rotation.Rotate, Generation: 4, Reasons: reasons, Kept: []int64{3}}
}

func TestRenewal(t *testing.T) {
	off := func(p *rotation.Policy) { p.RenewBefore = 0 }
	provided := func(p *rotation.Policy) { p.Renewable, p.Validity = false, 0 }
	withoutKeeping := rotation.Decision{
		Step: rotation.Rotate, Generation: 4, Reasons: []rotation.Reason{rotation.RenewalDue}, Dropped: []int64{3},
	}
	play(t, map[string]scene{
		"just made":                 {now: day(0), want: stays()},
		"an instant before due":     {now: day(60).Add(-instant), want: stays()},
		"due to the instant":        {now: day(60), want: rotates(rotation.RenewalDue)},
		"overdue":                   {now: day(80), want: rotates(rotation.RenewalDue)},
		"missed: ended, not kept":   {now: day(90), want: withoutKeeping},
		"missed by years":           {now: day(2000), want: withoutKeeping},
		"off: due means nothing":    {policy: off, now: day(60), want: stays()},
		"off: ended gives notice":   {policy: off, now: day(90), want: stays(rotation.ActiveEnded)},
		"provided: not yet due":     {policy: provided, now: day(59), want: stays()},
		"provided: due gives alert": {policy: provided, now: day(60), want: stays(rotation.RenewByHand)},
		"provided: ended":           {policy: provided, now: day(90), want: stays(rotation.RenewByHand, rotation.ActiveEnded)},
	})
}

func TestRenewalWaitsForTheIssuer(t *testing.T) {
	triggered := rotates(rotation.TriggerChanged)
	triggered.Notices = []rotation.Notice{rotation.IssuerEndsFirst}
	play(t, map[string]scene{
		"it would end sooner":           {now: day(60), reissued: day(89), want: stays(rotation.IssuerEndsFirst)},
		"it would end at the same time": {now: day(60), reissued: day(90), want: stays(rotation.IssuerEndsFirst)},
		"it would end a second later":   {now: day(60), reissued: day(90).Add(time.Second), want: rotates(rotation.RenewalDue)},
		"its end is unknown":            {now: day(60), want: rotates(rotation.RenewalDue)},
		"not due: nothing to tell":      {now: day(59), reissued: day(89), want: stays()},
		"ended meanwhile":               {now: day(90), reissued: day(90), want: stays(rotation.IssuerEndsFirst, rotation.ActiveEnded)},
		"another cause does not wait": {
			now: day(60), reissued: day(80), causes: rotation.Causes{TriggerChanged: true}, want: triggered,
		},
	})
}

func TestCauses(t *testing.T) {
	off := func(p *rotation.Policy) { p.RenewBefore, p.Renewable = 0, false }
	play(t, map[string]scene{
		"input":     {now: day(1), causes: rotation.Causes{InputChanged: true}, want: rotates(rotation.InputChanged)},
		"trigger":   {now: day(1), causes: rotation.Causes{TriggerChanged: true}, want: rotates(rotation.TriggerChanged)},
		"issuer":    {now: day(1), causes: rotation.Causes{IssuerChanged: true}, want: rotates(rotation.IssuerChanged)},
		"unknown":   {now: day(1), causes: rotation.Causes{IssuerUnknown: true}, want: rotates(rotation.IssuerUnknown)},
		"provided":  {now: day(1), causes: rotation.Causes{CertificateReplaced: true}, want: rotates(rotation.CertificateReplaced)},
		"key":       {now: day(1), causes: rotation.Causes{KeyVersionChanged: true}, want: rotates(rotation.KeyVersionChanged)},
		"none":      {now: day(1), want: stays()},
		"no policy": {policy: off, now: day(1), causes: rotation.Causes{InputChanged: true}, want: rotates(rotation.InputChanged)},
		"all at once, and due: one rotation, every reason": {
			now: day(60),
			causes: rotation.Causes{
				InputChanged: true, TriggerChanged: true, IssuerChanged: true,
				IssuerUnknown: true, CertificateReplaced: true, KeyVersionChanged: true,
			},
			want: rotates(rotation.InputChanged, rotation.TriggerChanged, rotation.IssuerChanged,
				rotation.IssuerUnknown, rotation.CertificateReplaced, rotation.KeyVersionChanged, rotation.RenewalDue),
		},
	})
}

func TestOverlap(t *testing.T) {
	overlap := func(d *time.Duration) func(*rotation.Policy) {
		return func(p *rotation.Policy) { p.Overlap = d }
	}
	uploadsNothing := func(p *rotation.Policy) { p.KeepsEarlier = false }
	tiny := instant
	undated := rotation.Earlier{Number: 1, NotAfter: day(30)}
	kept := rotation.Decision{Generation: 3, Kept: []int64{2}}
	dropped := rotation.Decision{Generation: 3, Dropped: []int64{2}}
	play(t, map[string]scene{
		"unlimited: until its own end":  {earlier: []rotation.Earlier{second}, now: day(30).Add(-instant), want: kept},
		"unlimited: at its own end":     {earlier: []rotation.Earlier{second}, now: day(30), want: dropped},
		"a week: until it has passed":   {policy: overlap(days(7)), earlier: []rotation.Earlier{second}, now: day(7).Add(-instant), want: kept},
		"a week: when it has passed":    {policy: overlap(days(7)), earlier: []rotation.Earlier{second}, now: day(7), want: dropped},
		"longer than its life":          {policy: overlap(days(60)), earlier: []rotation.Earlier{second}, now: day(30), want: dropped},
		"none: dropped at once":         {policy: overlap(days(0)), earlier: []rotation.Earlier{second}, now: day(0), want: dropped},
		"none, even if clock went back": {policy: overlap(days(0)), earlier: []rotation.Earlier{second}, now: day(-1), want: rotation.Decision{Generation: 3, Dropped: []int64{2}, Notices: []rotation.Notice{rotation.ClockBehind}}},
		"nothing uploaded: never kept":  {policy: uploadsNothing, earlier: []rotation.Earlier{second}, now: day(0), want: dropped},
		"superseded at an unknown instant: until its own end": {
			policy: overlap(days(7)), earlier: []rotation.Earlier{undated}, now: day(29),
			want: rotation.Decision{Generation: 3, Kept: []int64{1}},
		},
		"superseded at an unknown instant, ended": {
			policy: overlap(days(7)), earlier: []rotation.Earlier{undated}, now: day(30),
			want: rotation.Decision{Generation: 3, Dropped: []int64{1}},
		},
		"superseded at an unknown instant, compromised": {
			policy: overlap(days(0)), earlier: []rotation.Earlier{undated}, now: day(1),
			want: rotation.Decision{Generation: 3, Dropped: []int64{1}},
		},
		"in any order: told in ascending order": {
			policy: overlap(days(7)), now: day(3), causes: rotation.Causes{InputChanged: true},
			earlier: []rotation.Earlier{second, {Number: 1, NotAfter: day(30), SupersededAt: day(-5)}, {Number: 0, NotAfter: day(2)}},
			want: rotation.Decision{
				Step: rotation.Rotate, Reasons: []rotation.Reason{rotation.InputChanged}, Generation: 4,
				Kept: []int64{2, 3}, Dropped: []int64{0, 1},
			},
		},
		"superseded by this plan, any overlap: kept": {
			policy: overlap(&tiny), now: day(1), causes: rotation.Causes{InputChanged: true},
			want: rotates(rotation.InputChanged),
		},
		"superseded by this plan, no overlap: dropped in it": {
			policy: overlap(days(0)), now: day(1), causes: rotation.Causes{TriggerChanged: true},
			want: rotation.Decision{
				Step: rotation.Rotate, Reasons: []rotation.Reason{rotation.TriggerChanged}, Generation: 4, Dropped: []int64{3},
			},
		},
		"superseded by this plan, nothing uploaded: dropped in it": {
			policy: uploadsNothing, now: day(60),
			want: rotation.Decision{
				Step: rotation.Rotate, Reasons: []rotation.Reason{rotation.RenewalDue}, Generation: 4, Dropped: []int64{3},
			},
		},
	})
}

func TestClockBehind(t *testing.T) {
	week := func(p *rotation.Policy) { p.Overlap = days(7) }
	// Renewed long before its end for once, so that day -1 lies behind due.
	dueFromBirth := func(p *rotation.Policy) { p.Validity, p.RenewBefore = 0, 100*aDay }
	past := rotation.Earlier{Number: 2, NotAfter: day(-3), SupersededAt: day(-20)}
	behind := []rotation.Notice{rotation.ClockBehind}
	play(t, map[string]scene{
		"at its first instant the clock is right": {now: day(0), want: stays()},
		"an instant before it is not":             {now: day(0).Add(-instant), want: stays(behind...)},
		"nothing is due":                          {policy: dueFromBirth, now: day(-1), want: stays(behind...)},
		"nothing is dropped by time": {
			policy: week, earlier: []rotation.Earlier{past}, now: day(-1),
			want: rotation.Decision{Generation: 3, Kept: []int64{2}, Notices: behind},
		},
		"a cause rotates all the same": {
			policy: week, earlier: []rotation.Earlier{past}, now: day(-1), causes: rotation.Causes{InputChanged: true},
			want: rotation.Decision{
				Step: rotation.Rotate, Reasons: []rotation.Reason{rotation.InputChanged}, Generation: 4,
				Kept: []int64{2, 3}, Notices: behind,
			},
		},
	})
}

func TestSupersededAt(t *testing.T) {
	for name, c := range map[string]struct{ applied, want time.Time }{
		"late in its life":            {day(60), day(60)},
		"at its first instant":        {day(0), day(0)},
		"by a clock that is behind":   {day(0).Add(-instant), time.Time{}},
		"by a clock far behind":       {day(-4000), time.Time{}},
		"after its end, renewal late": {day(99), day(99)},
	} {
		if got := third.SupersededAt(c.applied); !got.Equal(c.want) {
			t.Errorf("%s: superseded at %v, want %v", name, got, c.want)
		}
	}
}

func TestTrusted(t *testing.T) {
	decision := rotation.Decision{Generation: 4, Kept: append(make([]int64, 0, 8), 2, 3)}
	if diff := cmp.Diff([]int64{2, 3, 4}, trustedAfter(decision)); diff != "" {
		t.Error(diff)
	}
	if spare := decision.Kept[:3][2]; spare != 0 {
		t.Errorf("Trusted wrote %d behind Kept", spare)
	}
	if diff := cmp.Diff([]int64{1}, trustedAfter(rotation.Decision{Generation: 1})); diff != "" {
		t.Error(diff)
	}
}

// A whole life, plan by plan, as the package's drawing has it.
func TestALife(t *testing.T) {
	policy := quarterly()
	policy.Overlap = days(7)
	timeline := rotation.Timeline{Active: rotation.Generation{Number: 1, NotBefore: day(0), NotAfter: day(90)}}
	for _, plan := range []struct {
		day     int
		trusted []int64
	}{
		{0, []int64{1}}, {59, []int64{1}},
		{60, []int64{1, 2}}, {66, []int64{1, 2}}, {67, []int64{2}},
		{119, []int64{2}}, {121, []int64{2, 3}}, {127, []int64{2, 3}}, {128, []int64{3}},
		{400, []int64{4}}, // nobody planned for long: 3 has ended
	} {
		now := day(plan.day)
		decision := rotation.Decide(timeline, policy, rotation.Causes{}, now)
		if diff := cmp.Diff(plan.trusted, trustedAfter(decision)); diff != "" {
			t.Fatalf("day %d trusts (-want +got):\n%s", plan.day, diff)
		}
		timeline = applied(timeline, decision, now, now.Add(policy.Validity))
	}
}

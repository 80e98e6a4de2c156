package rotation_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/trustplane/terraform-provider-mtls/internal/rotation"
	"github.com/trustplane/terraform-provider-mtls/internal/seeds"
)

// TestMain lets each law look at a thousand random lives unless -rapid.checks
// says otherwise.
func TestMain(m *testing.M) {
	seeds.Fix(map[string]string{"rapid.checks": "1000"})
	m.Run()
}

// backdate is how far before its making a new certificate begins.
const backdate = time.Minute

// applied is what the state holds once decision was applied: what the Terraform
// layer does with it. end is that of a generation that is made.
func applied(timeline rotation.Timeline, decision rotation.Decision, now, end time.Time) rotation.Timeline {
	active, next := timeline.Active, rotation.Timeline{Active: timeline.Active, Waiting: timeline.Waiting}
	made := rotation.Generation{NotBefore: now.Add(-backdate), NotAfter: end}
	next.Highest = max(timeline.Highest, decision.Generation, decision.Waiting)
	switch decision.Step {
	case rotation.Stay:
	case rotation.Rotate:
		made.Number = decision.Generation
		next.Active, next.Waiting = made, nil
	case rotation.Prepare:
		made.Number = decision.Waiting
		next.Waiting = &rotation.Waiting{Generation: made, TrustedSince: active.TrustedSince(now)}
	case rotation.Present:
		next.Active, next.Waiting = timeline.Waiting.Generation, nil
	case rotation.Withdraw:
		next.Waiting = nil
	}
	earlier := slices.Clone(timeline.Earlier)
	if next.Active.Number != active.Number {
		earlier = append(earlier, rotation.Earlier{Number: active.Number, NotAfter: active.NotAfter, SupersededAt: active.SupersededAt(now)})
	}
	next.Earlier = slices.DeleteFunc(earlier, func(e rotation.Earlier) bool { return !slices.Contains(decision.Kept, e.Number) })
	return next
}

// looked is what a refresh makes of a timeline: where the instant is unknown
// since which a generation is trusted, a clock that is right says it.
func looked(timeline rotation.Timeline, now time.Time) rotation.Timeline {
	if waiting := timeline.Waiting; waiting != nil && waiting.TrustedSince.IsZero() && !now.Before(waiting.NotBefore) {
		since := *waiting
		since.TrustedSince = timeline.Active.TrustedSince(now)
		timeline.Waiting = &since
	}
	return timeline
}

// A plan is one step of a life: all that Decide saw and said.
type plan struct {
	timeline rotation.Timeline
	policy   rotation.Policy
	causes   rotation.Causes
	now      time.Time
	decision rotation.Decision
	after    rotation.Timeline   // once the plan is applied
	made     rotation.Generation // the active one then
}

// behind reports whether the plan's clock is known to be wrong.
func (p plan) behind() bool {
	waiting := p.timeline.Waiting
	return p.now.Before(p.timeline.Active.NotBefore) ||
		waiting != nil && (p.now.Before(waiting.NotBefore) || p.now.Before(waiting.TrustedSince))
}

// waits reports whether the policy has new generations wait.
func (p plan) waits() bool { return p.policy.Prepublish > 0 && !p.keepsNone() }

// switches reports whether the plan presents another generation.
func (p plan) switches() bool {
	return p.decision.Step == rotation.Rotate || p.decision.Step == rotation.Present
}

// keepsNone reports whether the policy wants no earlier generation at all.
func (p plan) keepsNone() bool {
	return !p.policy.KeepsEarlier || p.policy.Overlap != nil && *p.policy.Overlap <= 0
}

// superseded lists the earlier generations once the plan is applied, those
// that it drops among them.
func (p plan) superseded() []rotation.Earlier {
	all := slices.Clone(p.timeline.Earlier)
	if p.switches() {
		active := p.timeline.Active
		all = append(all, rotation.Earlier{Number: active.Number, NotAfter: active.NotAfter, SupersededAt: active.SupersededAt(p.now)})
	}
	return all
}

func (p plan) keeps(number int64) bool { return slices.Contains(p.decision.Kept, number) }

// A world says what can happen in the lives that a law is about.
type world struct {
	clockJumpsBack bool
	policies       *rapid.Generator[rotation.Policy]
	causes         bool // other than renewal
	issuerEnds     bool // and may cut a certificate
	punctual       bool // no two plans are further apart than due and end, or half of that with prepublication
	steady         bool // the policy stays
	brisk          bool // plans come within a week or two, and causes are rare
}

// anything can happen, sound policies or not.
func anything() world {
	return world{clockJumpsBack: true, policies: policies(), causes: true, issuerEnds: true}
}

// lives holds law against every plan of random lives: a clock that steps, plans
// that are applied, skipped or made and thrown away, policies that change
// between them.
func (w world) lives(t *testing.T, law func(t *rapid.T, p plan)) {
	t.Helper()
	w.wholeLives(t, func() func(*rapid.T, plan, bool) {
		return func(t *rapid.T, p plan, _ bool) { law(t, p) }
	})
}

// wholeLives is lives for a law that remembers: it begins anew with each life, and
// hears whether a plan was applied.
func (w world) wholeLives(t *testing.T, begin func() func(t *rapid.T, p plan, isApplied bool)) {
	t.Helper()
	rapid.Check(t, func(t *rapid.T) {
		now, law := day(0), begin()
		policy := w.policies.Draw(t, "policy")
		earlier := pasts().Draw(t, "past")
		timeline := rotation.Timeline{Earlier: earlier, Active: rotation.Generation{
			Number: int64(len(earlier)) + 1, NotBefore: now.Add(-backdate), NotAfter: now.Add(max(aDay, policy.Validity)),
		}}
		fewest, most := 1, 25
		if w.brisk {
			fewest, most = 60, 80
		}
		for range rapid.IntRange(fewest, most).Draw(t, "plans") {
			now = w.step(t, now, timeline.Active, policy)
			if !w.steady && rapid.IntRange(0, 3).Draw(t, "policy changes") == 0 {
				policy = w.policies.Draw(t, "policy")
			}
			timeline = looked(timeline, now)
			p := plan{policy: policy, now: now, timeline: timeline}
			end := w.end(t, now, policy)
			if rapid.Bool().Draw(t, "end known") {
				p.timeline.ReissuedEnd = end
			}
			if w.causes && (!w.brisk || rapid.IntRange(0, 7).Draw(t, "cause") == 0) {
				p.causes = causes().Draw(t, "causes")
			}
			p.decision = rotation.Decide(p.timeline, p.policy, p.causes, p.now)
			p.after = applied(timeline, p.decision, now, end)
			p.made = p.after.Active
			isApplied := w.punctual || rapid.IntRange(0, 3).Draw(t, "thrown away") != 0
			law(t, p, isApplied)
			if isApplied {
				timeline = p.after
			}
		}
	})
}

// step moves the clock: hours, years, not at all, or back.
func (w world) step(t *rapid.T, now time.Time, active rotation.Generation, policy rotation.Policy) time.Time {
	if w.punctual {
		lead := active.NotAfter.Sub(policy.RenewalAt(active))
		if policy.Prepublish > 0 {
			lead /= 2
		}
		return now.Add(time.Duration(rapid.Int64Range(0, int64(lead)).Draw(t, "step")))
	}
	if w.brisk {
		hours := rapid.IntRange(-40, 400).Draw(t, "hours")
		return now.Add(time.Duration(hours) * time.Hour)
	}
	hours := rapid.OneOf(rapid.Just(0), rapid.IntRange(1, 48), rapid.IntRange(49, 20000)).Draw(t, "hours")
	if w.clockJumpsBack && rapid.IntRange(0, 4).Draw(t, "back") == 0 {
		hours = -hours
	}
	return now.Add(time.Duration(hours) * time.Hour)
}

// end is when a certificate made at now ends.
func (w world) end(t *rapid.T, now time.Time, policy rotation.Policy) time.Time {
	end := now.Add(max(time.Hour, policy.Validity))
	if w.issuerEnds && rapid.IntRange(0, 3).Draw(t, "cut") == 0 {
		issuer := day(rapid.IntRange(1, 4000).Draw(t, "issuer ends"))
		if issuer.After(now) && issuer.Before(end) {
			return issuer
		}
	}
	return end
}

func hours(least, most int) *rapid.Generator[time.Duration] {
	return rapid.Map(rapid.IntRange(least, most), func(n int) time.Duration { return time.Duration(n) * time.Hour })
}

// pasts draws what was before the first plan, as imported or from a state that
// other policies and clocks wrote.
func pasts() *rapid.Generator[[]rotation.Earlier] {
	return rapid.Custom(func(t *rapid.T) []rotation.Earlier {
		var past []rotation.Earlier
		for n := range rapid.IntRange(0, 3).Draw(t, "earlier") {
			e := rotation.Earlier{Number: int64(n) + 1, NotAfter: day(rapid.IntRange(-40, 400).Draw(t, "ends"))}
			if rapid.Bool().Draw(t, "dated") {
				e.SupersededAt = day(rapid.IntRange(-60, 0).Draw(t, "superseded"))
			}
			past = append(past, e)
		}
		return past
	})
}

// policies draws policies of every kind, faulty ones too.
func policies() *rapid.Generator[rotation.Policy] {
	return rapid.Custom(func(t *rapid.T) rotation.Policy {
		policy := rotation.Policy{
			Validity:     hours(-1, 20000).Draw(t, "validity"),
			RenewBefore:  rapid.OneOf(rapid.Just(time.Duration(0)), hours(-1, 3000)).Draw(t, "renew before"),
			KeepsEarlier: rapid.IntRange(0, 3).Draw(t, "uploads") != 0,
			Renewable:    rapid.IntRange(0, 3).Draw(t, "renewable") != 0,
			SpreadWindow: hours(-1, 500).Draw(t, "window"),
			SpreadKey:    rapid.StringMatching(`[a-z]{1,3}-[0-9]`).Draw(t, "key"),
		}
		policy.Overlap = overlaps(-1, 20000).Draw(t, "overlap")
		policy.Prepublish = rapid.OneOf(rapid.Just(time.Duration(0)), hours(-1, 200), hours(-1, 3000)).Draw(t, "prepublish")
		return policy
	})
}

// renewing draws sound policies that renew.
func renewing() *rapid.Generator[rotation.Policy] {
	return rapid.Custom(func(t *rapid.T) rotation.Policy {
		validity := hours(3, 20000).Draw(t, "validity")
		policy := rotation.Policy{Validity: validity, KeepsEarlier: rapid.Bool().Draw(t, "uploads"), Renewable: true}
		policy.RenewBefore = rapid.OneOf(
			rapid.Just(rotation.DefaultRenewBefore(validity)),
			hours(1, int(validity/time.Hour)-1),
		).Draw(t, "renew before")
		policy.SpreadKey = rapid.StringMatching(`[a-z]{1,3}-[0-9]`).Draw(t, "key")
		policy.SpreadWindow = time.Duration(rapid.Int64Range(0, int64(validity-policy.RenewBefore)-1).Draw(t, "window"))
		policy.Overlap = overlaps(0, int(validity/time.Hour)).Draw(t, "overlap")
		return policy
	}).Filter(func(policy rotation.Policy) bool { return len(policy.Check()) == 0 })
}

// prepublishing draws sound policies that renew, and mostly prepublish. None of
// them spreads: a fleet is not uploaded.
func prepublishing() *rapid.Generator[rotation.Policy] {
	return rapid.Custom(func(t *rapid.T) rotation.Policy {
		validity := 1000 + 200*rapid.IntRange(0, 50).Draw(t, "200 hours of validity")
		policy := rotation.Policy{Validity: time.Duration(validity) * time.Hour, KeepsEarlier: true, Renewable: true}
		policy.RenewBefore = hours(validity/5, validity/2).Draw(t, "renew before")
		policy.Prepublish = rapid.OneOf(rapid.Just(time.Duration(0)), hours(1, 40), hours(41, validity/5-1)).Draw(t, "prepublish")
		policy.Overlap = overlaps(0, validity).Draw(t, "overlap")
		return policy
	}).Filter(func(policy rotation.Policy) bool { return len(policy.Check()) == 0 })
}

func overlaps(least, most int) *rapid.Generator[*time.Duration] {
	return rapid.OneOf(
		rapid.Just((*time.Duration)(nil)),
		rapid.Just(days(0)),
		rapid.Map(hours(least, most), func(d time.Duration) *time.Duration { return &d }),
	)
}

// causes draws none most of the time.
func causes() *rapid.Generator[rotation.Causes] {
	rarely := rapid.Map(rapid.IntRange(0, 19), func(n int) bool { return n == 0 })
	return rapid.Custom(func(t *rapid.T) rotation.Causes {
		return rotation.Causes{
			InputChanged:        rarely.Draw(t, "input"),
			TriggerChanged:      rarely.Draw(t, "trigger"),
			IssuerChanged:       rarely.Draw(t, "issuer"),
			IssuerUnknown:       rarely.Draw(t, "unknown"),
			CertificateReplaced: rarely.Draw(t, "replaced"),
			KeyVersionChanged:   rarely.Draw(t, "key version"),
			ActiveWanted:        rarely.Draw(t, "active wanted"),
		}
	})
}

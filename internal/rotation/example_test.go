package rotation_test

import (
	"fmt"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/rotation"
)

// A pinned certificate of a year, three weeks before its end.
func ExampleDecide() {
	made := time.Date(2026, time.March, 1, 9, 0, 0, 0, time.UTC)
	validity := 8760 * time.Hour
	overlap := 168 * time.Hour
	policy := rotation.Policy{
		Validity:     validity,
		RenewBefore:  rotation.DefaultRenewBefore(validity),
		Overlap:      &overlap,
		KeepsEarlier: true,
		Renewable:    true,
	}
	timeline := rotation.Timeline{
		Active: rotation.Generation{Number: 1, NotBefore: made, NotAfter: made.Add(validity)},
	}

	now := made.Add(validity - 504*time.Hour)
	decision := rotation.Decide(timeline, policy, rotation.Causes{}, now)
	fmt.Println(decision.Step, decision.Reasons)
	fmt.Println("active:", decision.Generation, "kept:", decision.Kept)

	// Once applied, generation 1 is an earlier one. A week later it goes.
	old := timeline.Active
	timeline = rotation.Timeline{
		Active:  rotation.Generation{Number: decision.Generation, NotBefore: now, NotAfter: now.Add(validity)},
		Earlier: []rotation.Earlier{{Number: old.Number, NotAfter: old.NotAfter, SupersededAt: old.SupersededAt(now)}},
	}
	decision = rotation.Decide(timeline, policy, rotation.Causes{}, now.Add(overlap))
	fmt.Println("active:", decision.Generation, "kept:", decision.Kept, "dropped:", decision.Dropped)

	// Output:
	// rotate [renewal_due]
	// active: 2 kept: [1]
	// active: 2 kept: [] dropped: [1]
}

// A key has leaked: rotate now, and trust the old certificate no longer.
func ExampleDecide_compromisedKey() {
	made := time.Date(2026, time.March, 1, 9, 0, 0, 0, time.UTC)
	timeline := rotation.Timeline{
		Active:  rotation.Generation{Number: 5, NotBefore: made, NotAfter: made.AddDate(1, 0, 0)},
		Earlier: []rotation.Earlier{{Number: 4, NotAfter: made.AddDate(0, 1, 0), SupersededAt: made}},
	}
	policy := rotation.Policy{KeepsEarlier: true, Overlap: new(time.Duration)}
	decision := rotation.Decide(timeline, policy, rotation.Causes{TriggerChanged: true}, made.Add(time.Hour))
	fmt.Println("active:", decision.Generation, "kept:", decision.Kept, "dropped:", decision.Dropped)
	// Output:
	// active: 6 kept: [] dropped: [4 5]
}

// A certificate cut to its issuer's end gains nothing from a renewal.
func ExampleDecide_issuerEndsFirst() {
	made := time.Date(2026, time.March, 1, 9, 0, 0, 0, time.UTC)
	issuerEnds := made.AddDate(0, 0, 60)
	timeline := rotation.Timeline{
		Active:      rotation.Generation{Number: 1, NotBefore: made, NotAfter: issuerEnds},
		ReissuedEnd: issuerEnds,
	}
	policy := rotation.Policy{Validity: 8760 * time.Hour, RenewBefore: 720 * time.Hour, Renewable: true}
	fmt.Println("due at", policy.RenewalAt(timeline.Active).Format(time.DateOnly))
	decision := rotation.Decide(timeline, policy, rotation.Causes{}, made.AddDate(0, 0, 45))
	fmt.Println(decision.Step, decision.Notices)
	// Output:
	// due at 2026-04-10
	// stay [issuer_ends_first]
}

func ExamplePolicy_Check() {
	overlap := -time.Hour
	policy := rotation.Policy{Validity: 720 * time.Hour, RenewBefore: 720 * time.Hour, Overlap: &overlap}
	for _, fault := range policy.Check() {
		fmt.Println(fault)
	}
	// Output:
	// overlap -1h is negative
	// renew_before 720h is not shorter than the validity of 720h
}

func ExampleSpread() {
	for _, node := range []string{"fra-1", "fra-2", "fra-3"} {
		fmt.Println(node, "renews", rotation.Spread(node, 240*time.Hour).Truncate(time.Hour), "earlier")
	}
	// Output:
	// fra-1 renews 172h0m0s earlier
	// fra-2 renews 232h0m0s earlier
	// fra-3 renews 101h0m0s earlier
}

package provider

import (
	"context"
	"encoding/json"
	"reflect"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/trustplane/terraform-provider-mtls/internal/rotation"
)

// memory is what a resource has to remember besides its attributes, in its
// private state. There is nothing secret in it.
type memory struct {
	// Superseded tells when each earlier generation that is still trusted made
	// way for its successor, by number: overlaps are measured from there.
	Superseded map[int64]time.Time `json:"superseded,omitempty"`
	// KeyAdopted: the private key in state came by an import or a move. It stays
	// although no configuration gives it.
	KeyAdopted bool `json:"key_adopted,omitempty"`
	// Observed is the instant that plans decide on. Terraform plans twice, for
	// people and once more within the apply, and both must come to the same: this,
	// both are given. A refresh moves it where that changes what a plan would do,
	// and otherwise once a day, so that most refreshes leave the state as it is.
	Observed time.Time `json:"observed,omitzero"`
}

const memoryKey = "memory"

type privateReader interface {
	GetKey(context.Context, string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(context.Context, string, []byte) diag.Diagnostics
}

// readMemory reads private state. What is missing or unreadable is forgotten: an
// earlier generation then stays until its own end, and a key that was imported
// for a brought certificate goes from the state.
func readMemory(ctx context.Context, private privateReader, diagnostics *diag.Diagnostics) memory {
	text, found := private.GetKey(ctx, memoryKey)
	diagnostics.Append(found...)
	var read memory
	if len(text) == 0 || json.Unmarshal(text, &read) != nil {
		return memory{}
	}
	return read
}

// decidedAt is the instant that plans decide on, the present one where nothing
// is remembered.
func (m memory) decidedAt(now time.Time) time.Time {
	if m.Observed.IsZero() {
		return now
	}
	return m.Observed
}

// observe lets plans decide on the instant at.
func (m *memory) observe(at time.Time) { m.Observed = at.UTC() }

// outdated reports whether a plan that decides on now would do something else.
func (m memory) outdated(timeline rotation.Timeline, policy rotation.Policy, now time.Time) bool {
	const day = 24 * time.Hour // what a change of the policy may come late by
	if m.Observed.IsZero() || now.Before(m.Observed) || now.Sub(m.Observed) > day {
		return true
	}
	before := rotation.Decide(timeline, policy, rotation.Causes{}, m.Observed)
	return !reflect.DeepEqual(before, rotation.Decide(timeline, policy, rotation.Causes{}, now))
}

// supersede notes when a generation made way. An unknown instant is not kept.
func (m *memory) supersede(generation int64, at time.Time) {
	if at.IsZero() {
		return
	}
	if m.Superseded == nil {
		m.Superseded = map[int64]time.Time{}
	}
	m.Superseded[generation] = at.UTC()
}

// forget drops the instants of all generations but those that are trusted.
func (m *memory) forget(trusted []int64) {
	kept := map[int64]time.Time{}
	for _, number := range trusted {
		if at, ok := m.Superseded[number]; ok {
			kept[number] = at
		}
	}
	m.Superseded = kept
}

func (m *memory) write(ctx context.Context, private privateWriter, diagnostics *diag.Diagnostics) {
	text, err := json.Marshal(m)
	if err != nil {
		diagnostics.AddError("Private state not written", err.Error())
		return
	}
	diagnostics.Append(private.SetKey(ctx, memoryKey, text)...)
}

package provider

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
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
}

const memoryKey = "memory"

type privateReader interface {
	GetKey(context.Context, string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(context.Context, string, []byte) diag.Diagnostics
}

// readMemory reads private state. What is missing or unreadable is forgotten: an
// earlier generation then stays until its own end.
func readMemory(ctx context.Context, private privateReader, diagnostics *diag.Diagnostics) memory {
	text, found := private.GetKey(ctx, memoryKey)
	diagnostics.Append(found...)
	var read memory
	if len(text) == 0 || json.Unmarshal(text, &read) != nil {
		return memory{}
	}
	return read
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

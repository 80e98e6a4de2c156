package provider

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// superseded tells when each earlier generation that is still trusted made way
// for its successor, by number. It is kept in the resource's private state,
// where overlaps are measured from; there is nothing secret in it.
type superseded map[int64]time.Time

const supersededKey = "superseded"

type privateReader interface {
	GetKey(context.Context, string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(context.Context, string, []byte) diag.Diagnostics
}

// readSuperseded reads private state. What is missing or unreadable counts as
// not known: such a generation stays until its own end.
func readSuperseded(ctx context.Context, private privateReader, diagnostics *diag.Diagnostics) superseded {
	text, found := private.GetKey(ctx, supersededKey)
	diagnostics.Append(found...)
	read := superseded{}
	if len(text) > 0 && json.Unmarshal(text, &read) != nil {
		return superseded{}
	}
	return read
}

// write keeps the instants of the generations that are still trusted.
func (s superseded) write(ctx context.Context, private privateWriter, trusted []int64, diagnostics *diag.Diagnostics) {
	kept := superseded{}
	for _, number := range trusted {
		if at, ok := s[number]; ok && !at.IsZero() {
			kept[number] = at.UTC()
		}
	}
	text, err := json.Marshal(kept)
	if err != nil {
		diagnostics.AddError("Private state not written", err.Error())
		return
	}
	diagnostics.Append(private.SetKey(ctx, supersededKey, text)...)
}

package lifecycle

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/rotation"
)

// The versions of the form in which a [Record] is written. The second is used only
// while a generation waits, or the number of one that waited is not to be given
// again: builds of before can read everything else.
const plainVersion, recordVersion = 1, 2

// A Record is what a resource has to remember besides its attributes, in its
// private state. There is nothing secret in it. The zero Record remembers
// nothing.
type Record struct {
	// Origin is the certificate's; empty in a record of before there were
	// versions, and where there is no record.
	Origin Origin
	// Certificates is a digest of the certificates that the record was written
	// with; empty as Origin is.
	Certificates string
	// Superseded says when each earlier generation that is still trusted was
	// replaced, by number: overlaps are measured from there.
	Superseded map[int64]time.Time
	// Observed is the instant that plans decide on; the zero time means the
	// present one. Terraform plans twice, for people and once more within the
	// apply, and both must come to the same: both are given this. A refresh moves
	// it where that changes what a plan would do, and otherwise once a day, so that
	// most refreshes leave the state as it is.
	Observed time.Time
	// Waiting is the generation that waits; nil for none.
	Waiting *WaitingRecord
	// Highest is the highest number that was ever given to a generation, if that
	// is not in state any more; zero otherwise.
	Highest int64
	// keyAdopted is what a record of before there were versions says of an
	// imported key.
	keyAdopted bool
}

// A WaitingRecord is what has to be remembered of a generation that waits.
type WaitingRecord struct {
	Number int64 `json:"number"`
	// Since is the instant at which it was applied: prepublish is measured from
	// there. Zero means that the clock was not to be trusted; the first refresh
	// with one that is says it then.
	Since  time.Time `json:"since,omitzero"`
	Origin Origin    `json:"origin"`
	Issuer string    `json:"issuer,omitempty"` // fingerprint; empty for none
}

// written is the JSON of a record. Without a version it is what was written
// before there were any.
type written struct {
	Version      int                 `json:"version,omitempty"`
	Origin       Origin              `json:"origin,omitempty"`
	Certificates string              `json:"certificates,omitempty"`
	Superseded   map[int64]time.Time `json:"superseded,omitempty"`
	KeyAdopted   bool                `json:"key_adopted,omitempty"`
	Observed     time.Time           `json:"observed,omitzero"`
	Waiting      *WaitingRecord      `json:"waiting,omitempty"`
	Highest      int64               `json:"highest,omitempty"`
}

// ReadRecord reads a record that [Record.Bytes] has written, or a build of before
// there were versions; the zero Record for no bytes at all. Anything else is an
// error: to forget what cannot be read could cost a private key or withdraw a
// certificate early.
func ReadRecord(text []byte) (Record, error) {
	if len(text) == 0 {
		return Record{}, nil
	}
	var read written
	if text = bytes.TrimSpace(text); !bytes.HasPrefix(text, []byte("{")) {
		return Record{}, errors.New("private state cannot be read: it is not a JSON object")
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	if err := json.Unmarshal(text, &struct {
		Version *int `json:"version"`
	}{&read.Version}); err != nil {
		return Record{}, fmt.Errorf("private state cannot be read: %w", err)
	}
	if read.Version < 0 || read.Version > recordVersion {
		return Record{}, fmt.Errorf("private state has version %d, but this build of the provider supports at most version %d", read.Version, recordVersion)
	}
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&read); err != nil {
		return Record{}, fmt.Errorf("private state cannot be read: %w", err)
	}
	if err := read.check(); err != nil {
		return Record{}, fmt.Errorf("private state cannot be read: %w", err)
	}
	return Record{
		Origin: read.Origin, Certificates: read.Certificates, Superseded: read.Superseded,
		Observed: read.Observed, Waiting: read.Waiting, Highest: read.Highest, keyAdopted: read.KeyAdopted,
	}, nil
}

// check returns an error for what no build has written.
func (w written) check() error {
	if w.Version < recordVersion && (w.Waiting != nil || w.Highest != 0) {
		return fmt.Errorf("no generation waits in version %d", w.Version)
	}
	if w.Version == 0 {
		return nil
	}
	if err := w.Origin.check(); err != nil {
		return err
	}
	if w.Highest < 0 || w.Highest > longestCount {
		return fmt.Errorf("%d is not the number of a generation", w.Highest)
	}
	if w.Waiting == nil {
		return nil
	}
	if w.Waiting.Number < 1 || w.Waiting.Number > longestCount {
		return fmt.Errorf("%d is not the number of a generation", w.Waiting.Number)
	}
	return w.Waiting.Origin.check()
}

// Bytes writes the record, as JSON.
func (r Record) Bytes() ([]byte, error) {
	version := plainVersion
	if r.Waiting != nil || r.Highest != 0 {
		version = recordVersion
	}
	return json.Marshal(written{
		Version: version, Origin: r.Origin, Certificates: r.Certificates,
		Superseded: r.Superseded, Observed: r.Observed.UTC(), Waiting: r.Waiting, Highest: r.Highest,
	})
}

// InferOrigin is the origin of a certificate in a state: the recorded one or,
// without a record, what the state shows. asks says that the state asks for a
// certificate to be generated, hasKey that a private key is in it.
func (r Record) InferOrigin(asks, hasKey bool) Origin {
	switch {
	case r.Origin != "":
		return r.Origin
	case asks:
		return Generated
	case r.keyAdopted, hasKey && reflect.ValueOf(r).IsZero():
		// A key is never given up on the word of a record that is missing.
		return Imported
	default:
		return Provided
	}
}

// CheckBelongs returns an error for a record that was written with other
// certificates than those in state, whose SHA-256 fingerprints are given by the
// names of their slots.
func (r Record) CheckBelongs(fingerprints map[string]string) error {
	if r.Certificates != "" && r.Certificates != digest(fingerprints) {
		return errors.New("private state belongs to a different certificate than the one in state")
	}
	return nil
}

// waitingSlot stands for the generation that waits among the names of slots. Only
// a resource of one certificate has one, whose own name is empty.
const waitingSlot = "next"

// digest is SHA-256, in hex, over names and fingerprints, which are of one length.
func digest(fingerprints map[string]string) string {
	var text []byte
	for _, name := range slices.Sorted(maps.Keys(fingerprints)) {
		text = append(strconv.AppendQuote(text, name), fingerprints[name]...)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Planned is the record that goes with a plan to its apply: what is recorded, and
// the instant at which the plan decided on a certificate of that origin.
func (r Record) Planned(origin Origin, fingerprints map[string]string, at time.Time) Record {
	r.Origin, r.Certificates, r.Observed, r.keyAdopted = origin, digest(fingerprints), at.UTC(), false
	return r
}

// IsPlanned reports whether r is what [Record.Planned] would make of it.
func (r Record) IsPlanned(origin Origin, at time.Time) bool {
	return r.Origin == origin && r.Observed.Equal(at)
}

// DecidedAt is the instant that a plan made at now decides on. A plan saved
// yesterday so decides the same within today's apply.
func (r Record) DecidedAt(now time.Time) time.Time { return DecidedAt(r.Observed, now) }

// DecidedAt is the instant that a plan made at now decides on: observed, the one
// that is recorded, or now where that is zero.
func DecidedAt(observed, now time.Time) time.Time {
	if observed.IsZero() {
		return now
	}
	return observed
}

// IsStale reports whether a refresh at now has to record another instant than
// observed for plans to decide on, whatever they would decide: none is recorded,
// it lies ahead, or it is more than a day old, which is what a change of a setting
// may come late by.
func IsStale(observed, now time.Time) bool {
	const day = 24 * time.Hour
	return observed.IsZero() || now.Before(observed) || now.Sub(observed) > day
}

// outdated reports whether a plan that decides on r.Now would do something else
// than one that decides on what is recorded.
func outdated(r *Resource) bool {
	observed := r.Record.Observed
	if IsStale(observed, r.Now) {
		return true
	}
	return slices.ContainsFunc(r.Slots, func(s Slot) bool {
		if s.Prior == nil {
			return false
		}
		timeline := s.Prior.timeline(r.Record)
		policy := s.policy(r.Uploads, timeline.Active)
		before := rotation.Decide(timeline, policy, rotation.Causes{}, observed)
		return !reflect.DeepEqual(before, rotation.Decide(timeline, policy, rotation.Causes{}, r.Now))
	})
}

// supersede notes when a generation was replaced. An unknown instant is not
// kept.
func (r *Record) supersede(generation int64, at time.Time) {
	if at.IsZero() {
		return
	}
	superseded := maps.Clone(r.Superseded)
	if superseded == nil {
		superseded = map[int64]time.Time{}
	}
	superseded[generation] = at.UTC()
	r.Superseded = superseded
}

// dateWaiting notes now as the instant since which the generation that waits is
// trusted, if that is unknown and the clock is not known to be wrong. It reports
// whether it did.
func (r *Record) dateWaiting(prior *Prior, now time.Time) bool {
	if r.Waiting == nil || !r.Waiting.Since.IsZero() || prior == nil || prior.Waiting == nil || now.Before(prior.Waiting.Certificate.NotBefore) {
		return false
	}
	dated := *r.Waiting
	dated.Since = prior.active().TrustedSince(now).UTC()
	r.Waiting = &dated
	return !dated.Since.IsZero()
}

// await notes what was decided of a generation that waits.
func (r *Record) await(s *Slot, decided Decision, issuer string, now time.Time) {
	highest := max(r.Highest, decided.Generation, decided.Waiting)
	if s.Prior != nil && s.Prior.Waiting != nil {
		highest = max(highest, s.Prior.Waiting.Number)
	}
	r.Highest = 0
	if highest > max(decided.Generation, decided.Waiting) {
		r.Highest = highest
	}
	switch {
	case decided.Waiting == 0:
		r.Waiting = nil
	case decided.Action == Prepare:
		r.Waiting = &WaitingRecord{
			Number: decided.Waiting, Since: s.Prior.active().TrustedSince(now).UTC(), Origin: s.Want.Origin, Issuer: issuer,
		}
	default:
		waits := WaitingRecord{Number: decided.Waiting, Origin: s.Prior.Waiting.Origin, Issuer: s.Prior.Waiting.Issuer}
		if r.Waiting != nil {
			waits.Since = r.Waiting.Since
		}
		if s.Want.Ignored == "" {
			waits.Origin = s.Want.Origin
		}
		r.Waiting = &waits
		r.dateWaiting(s.Prior, now)
	}
}

// prune forgets the instants of all generations but those that are trusted.
func (r *Record) prune(trusted []Trusted) {
	kept := map[int64]time.Time{}
	for _, one := range trusted {
		if at, is := r.Superseded[one.Generation]; is {
			kept[one.Generation] = at
		}
	}
	r.Superseded = kept
}

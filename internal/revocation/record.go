package revocation

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/lifecycle"
)

// recordVersion is the version of the form in which a [Record] is written.
const recordVersion = 1

// A Record is what has to be remembered beside a list, in private state: what no
// list can say. Nothing in it is a key. The zero Record remembers nothing.
type Record struct {
	// Observed is the instant that plans decide on; the zero time means the
	// present one. See package lifecycle.
	Observed time.Time
	// list is the SHA-256 digest, in hex, of the list that the record was written
	// with.
	list string
	// imported: the list was made elsewhere, and no issuer has been seen yet.
	imported bool
	// issuerKey is the issuer's public key (PKIX, DER); empty for an import.
	issuerKey []byte
	// issuerEnd is when the issuer ends; zero for an import.
	issuerEnd time.Time

	active  map[Serial]time.Time
	pending map[Serial]vanished
	// ends are those of the certificates on the list, in its order; a zero one is
	// not known.
	ends []time.Time
	// final is the issuer's signature over the last list that it would have:
	// see [finalTemplate].
	final []byte
	// earlier says until when the list of each earlier generation is kept.
	earlier map[int64]time.Time
}

// written is the JSON of a record.
type written struct {
	Version   int             `json:"version"`
	Observed  time.Time       `json:"observed,omitzero"`
	List      string          `json:"list"`
	Imported  bool            `json:"imported,omitempty"`
	IssuerKey []byte          `json:"issuer_key,omitempty"`
	IssuerEnd time.Time       `json:"issuer_end,omitzero"`
	Active    []byte          `json:"active,omitempty"`
	Pending   []byte          `json:"pending,omitempty"`
	Ends      []byte          `json:"ends,omitempty"`
	Final     []byte          `json:"final,omitempty"`
	Earlier   map[int64]int64 `json:"earlier,omitempty"` // unix seconds
}

// Bytes writes the record, as JSON.
func (r Record) Bytes() ([]byte, error) {
	w := written{
		Version: recordVersion, Observed: r.Observed.UTC(), List: r.list, Imported: r.imported,
		IssuerKey: r.issuerKey, IssuerEnd: r.issuerEnd.UTC(), Final: r.final,
	}
	for _, serial := range sorted(r.active) {
		w.Active = appendInstant(appendSerial(w.Active, serial), r.active[serial])
	}
	for _, serial := range sorted(r.pending) {
		one := r.pending[serial]
		w.Pending = appendInstant(appendInstant(appendSerial(w.Pending, serial), one.end), one.since)
	}
	for _, end := range r.ends {
		w.Ends = appendInstant(w.Ends, end)
	}
	for number, until := range r.earlier {
		if w.Earlier == nil {
			w.Earlier = map[int64]int64{}
		}
		w.Earlier[number] = until.Unix()
	}
	return json.Marshal(w)
}

// ReadRecord reads what [Record.Bytes] has written; the zero Record for no bytes
// at all. Anything else is an error: what is forgotten is not revoked.
func ReadRecord(text []byte) (Record, error) {
	if len(text) == 0 {
		return Record{}, nil
	}
	var w written
	if err := json.Unmarshal(text, &struct {
		Version *int `json:"version"`
	}{&w.Version}); err != nil {
		return Record{}, fmt.Errorf("private state cannot be read: %w", err)
	}
	if w.Version < 1 || w.Version > recordVersion {
		return Record{}, fmt.Errorf("private state has version %d, but this build of the provider supports at most version %d", w.Version, recordVersion)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&w); err != nil {
		return Record{}, fmt.Errorf("private state cannot be read: %w", err)
	}
	r := Record{
		Observed: w.Observed, list: w.List, imported: w.Imported, issuerKey: w.IssuerKey, issuerEnd: w.IssuerEnd, final: w.Final,
		active: map[Serial]time.Time{}, pending: map[Serial]vanished{}, earlier: map[int64]time.Time{},
	}
	for number, until := range w.Earlier {
		r.earlier[number] = time.Unix(until, 0).UTC()
	}
	return r, r.readTables(w)
}

// readTables reads the parts of a record that are bytes.
func (r *Record) readTables(w written) error {
	t := table{rest: w.Active}
	for len(t.rest) > 0 && !t.damaged {
		serial := t.serial()
		r.active[serial] = t.instant()
	}
	p := table{rest: w.Pending}
	for len(p.rest) > 0 && !p.damaged {
		serial := p.serial()
		end := p.instant()
		r.pending[serial] = vanished{since: p.instant(), end: end}
	}
	e := table{rest: w.Ends}
	for len(e.rest) > 0 && !e.damaged {
		r.ends = append(r.ends, e.instant())
	}
	if t.damaged || p.damaged || e.damaged {
		return errors.New("private state cannot be read: a table of certificates ends in the middle of one")
	}
	return nil
}

// instantSize is how many bytes an instant takes: seconds since 1970, enough for
// thirty thousand years.
const instantSize = 5

func appendInstant(to []byte, at time.Time) []byte {
	seconds := uint64(0)
	if at.After(time.Unix(0, 0)) {
		seconds = uint64(at.Unix()) //nolint:gosec // it is positive
	}
	return append(to, byte(seconds>>32), byte(seconds>>24), byte(seconds>>16), byte(seconds>>8), byte(seconds))
}

func appendSerial(to []byte, serial Serial) []byte {
	return append(append(to, byte(len(serial))), serial...) //nolint:gosec // a certificate's is much shorter than 256 bytes
}

// A table reads what appendSerial and appendInstant have written.
type table struct {
	rest    []byte
	damaged bool
}

func (t *table) take(size int) []byte {
	if len(t.rest) < size {
		t.damaged, t.rest = true, nil
		return make([]byte, size)
	}
	taken := t.rest[:size]
	t.rest = t.rest[size:]
	return taken
}

func (t *table) serial() Serial { return Serial(t.take(int(t.take(1)[0]))) }

func (t *table) instant() time.Time {
	var seconds int64
	for _, b := range t.take(instantSize) {
		seconds = seconds<<8 | int64(b)
	}
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

// DecidedAt is the instant that a plan made at now decides on. A plan saved
// yesterday so decides the same within today's apply.
func (r Record) DecidedAt(now time.Time) time.Time { return lifecycle.DecidedAt(r.Observed, now) }

// Planned is the record that goes with a plan, decided on an instant, to its
// apply.
func (r Record) Planned(at time.Time) Record {
	r.Observed = at.UTC()
	return r
}

// digestOf is the digest of a list by which a record knows it.
func digestOf(der []byte) string {
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}

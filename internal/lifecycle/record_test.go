package lifecycle

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestRecordsAreReadOrRefused: what this build and the one before wrote is read;
// anything else is an error and never an empty record.
func TestRecordsAreReadOrRefused(t *testing.T) {
	at := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]*Record{
		"":   {},
		"{}": {},
		`{"superseded":{"1":"2026-03-01T12:00:00Z"},"key_adopted":true,"observed":"2026-03-01T12:00:00Z"}`: {
			Superseded: map[int64]time.Time{1: at}, Observed: at, keyAdopted: true,
		},
		`{"version":1,"origin":"imported","certificates":"00ff","observed":"2026-03-01T12:00:00Z"}`: {
			Origin: Imported, Certificates: "00ff", Observed: at,
		},
		`null`:         nil,
		`[]`:           nil,
		`{"version":1`: nil,
		`{"version":2,"origin":"generated","certificates":"00ff","waiting":{"number":2,"since":"2026-03-01T12:00:00Z","origin":"provided","issuer":"ab"},"highest":3}`: {
			Origin: Generated, Certificates: "00ff", Highest: 3, Waiting: &WaitingRecord{Number: 2, Since: at, Origin: Provided, Issuer: "ab"},
		},
		`{"version":1,"origin":"generated","waiting":{"number":2,"origin":"generated"}}`:   nil,
		`{"waiting":{"number":2,"origin":"generated"}}`:                                    nil,
		`{"version":1,"origin":"generated","highest":3}`:                                   nil,
		`{"version":2,"origin":"generated","highest":-3}`:                                  nil,
		`{"version":2,"origin":"generated","waiting":{}}`:                                  nil,
		`{"version":2,"origin":"generated","waiting":{"number":2,"origin":"found"}}`:       nil,
		`{"version":2,"origin":"generated","waiting":{"number":1e12,"origin":"provided"}}`: nil,
		`{"version":3,"origin":"generated"}`:                                               nil,
		`{"version":-1,"origin":"generated"}`:                                              nil,
		`{"version":"1","origin":"generated"}`:                                             nil,
		`{"version":1}`:                                                                    nil,
		`{"version":1,"origin":"found"}`:                                                   nil,
		`{"observed":"yesterday"}`:                                                         nil,
		`{"key_adopted":true,"something":"no"}`:                                            nil,
	} {
		got, err := ReadRecord([]byte(text))
		switch {
		case want == nil && err == nil:
			t.Errorf("%s was read as %+v", text, got)
		case want != nil && (err != nil || !reflect.DeepEqual(got, *want)):
			t.Errorf("%s was read as %+v (%v), want %+v", text, got, err, *want)
		}
	}
}

// TestOriginWithoutARecord: where there is no record, or one of before there were
// versions, the state shows the origin; a private key is never given up for want
// of a record.
func TestOriginWithoutARecord(t *testing.T) {
	observed := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	for name, row := range map[string]struct {
		record       Record
		asks, hasKey bool
		want         Origin
	}{
		"recorded":                         {Record{Origin: Provided}, true, true, Provided},
		"asks for one":                     {Record{}, true, true, Generated},
		"no record, with a key":            {Record{}, false, true, Imported},
		"no record, without a key":         {Record{}, false, false, Provided},
		"old record, key imported":         {Record{Observed: observed, keyAdopted: true}, false, true, Imported},
		"old record, key from the outside": {Record{Observed: observed}, false, true, Provided},
	} {
		if got := row.record.InferOrigin(row.asks, row.hasKey); got != row.want {
			t.Errorf("%s: %s, want %s", name, got, row.want)
		}
	}
}

// TestARecordBelongsToItsCertificates, in whatever order they are named.
func TestARecordBelongsToItsCertificates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		some := rapid.MapOf(rapid.String(), rapid.StringMatching("[0-9a-f]{4}"))
		ours, theirs := some.Draw(t, "ours"), some.Draw(t, "theirs")
		record := Record{}.Planned(Generated, ours, time.Time{})
		if err := record.CheckBelongs(ours); err != nil {
			t.Fatal(err)
		}
		if err := record.CheckBelongs(theirs); (err == nil) != reflect.DeepEqual(ours, theirs) {
			t.Fatalf("a record of %v passes for one of %v: %v", ours, theirs, err)
		}
	})
}

// FuzzReadRecord: no bytes make it panic; what is read is written as it was, but
// for its version.
func FuzzReadRecord(f *testing.F) {
	for _, text := range []string{"", "{}", "null", `{"version":1,"origin":"generated"}`, `{"superseded":{"1":"2026-03-01T12:00:00Z"}}`, `{"version":2,"origin":"generated","waiting":{"number":2,"origin":"provided"},"highest":3}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		record, err := ReadRecord(text)
		if err != nil {
			if !reflect.DeepEqual(record, Record{}) {
				t.Fatalf("%v, and yet %+v", err, record)
			}
			return
		}
		record.Origin, record.keyAdopted = Generated, false
		written, err := record.Bytes()
		if err != nil {
			return // a year that JSON does not hold
		}
		again, err := ReadRecord(written)
		if err != nil || again.Certificates != record.Certificates || len(again.Superseded) != len(record.Superseded) || !again.Observed.Equal(record.Observed) ||
			again.Highest != record.Highest || (again.Waiting == nil) != (record.Waiting == nil) || record.Waiting != nil && again.Waiting.Number != record.Waiting.Number {
			t.Fatalf("%+v was written as %s and read as %+v (%v)", record, written, again, err)
		}
	})
}

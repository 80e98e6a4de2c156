package provider

import (
	"strings"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// TestUnknownPhaseOfProvidedCertificates: of an argument that is set, Terraform
// takes no unknown value from a plan. Where prepublish or overlap decides which
// certificate is presented, and is unknown, the plan says so; where it decides
// nothing, it may be unknown.
func TestUnknownPhaseOfProvidedCertificates(t *testing.T) {
	t.Parallel()
	start := newStepClock().now
	graph := pkitest.Build(t, "first\nsecond", pkitest.With("first", pkitest.Valid(start.Add(-day), start.Add(100*day))),
		pkitest.With("second", pkitest.Valid(start.Add(-day), start.Add(200*day))))
	provided := func(name string, more written) written {
		return with(written{"certificate_pem": graph.PEM(name), "private_key_pem": keyPEM(t, graph.Key(name)), "prepublish": "24h", "overlap": "48h"}, more)
	}
	for name, row := range map[string]struct {
		waits   bool          // second waits beside first
		later   time.Duration // than the apply before
		asked   string
		unknown string
		refused bool
		known   written // what turns out
		phase   []string
	}{
		"nothing changes, prepublish":           {asked: "first", unknown: "prepublish", phase: []string{"1", "0", "1"}},
		"nothing changes, and it is none":       {asked: "first", unknown: "prepublish", known: written{"prepublish": "0s"}, phase: []string{"1", "0", "1"}},
		"nothing changes, overlap":              {asked: "first", unknown: "overlap", phase: []string{"1", "0", "1"}},
		"another one, prepublish":               {asked: "second", unknown: "prepublish", refused: true},
		"another one, overlap":                  {asked: "second", unknown: "overlap", refused: true},
		"one waits, prepublish":                 {waits: true, asked: "second", unknown: "prepublish", refused: true},
		"one waits, overlap":                    {waits: true, asked: "second", unknown: "overlap", refused: true},
		"one is to be presented now, overlap":   {waits: true, later: 24 * time.Hour, asked: "second", unknown: "overlap", phase: []string{"2", "0", "1", "2"}},
		"one is to be presented now, and alone": {waits: true, later: 24 * time.Hour, asked: "second", unknown: "overlap", known: written{"overlap": "0s"}, phase: []string{"2", "0", "2"}},
		"the old one after all, prepublish":     {waits: true, asked: "first", unknown: "prepublish", phase: []string{"1", "0", "1"}},
		"the old one after all, overlap":        {waits: true, asked: "first", unknown: "overlap", phase: []string{"1", "0", "1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newManaged(t, "mtls_pinned_certificate", newStepClock())
			m.must(t, provided("first", nil))
			if row.waits {
				m.must(t, provided("second", nil))
				m.wantPhase(t, "1", "2", "1", "2")
			}
			m.clock.Step(row.later)
			wantSound(t, m.refresh(t))
			planned, said := m.plan(t, valueOf(m.kind, provided(row.asked, written{row.unknown: unknownValue{}})))
			if refused := errorsOf(said); row.refused {
				if len(refused) != 1 || !strings.Contains(refused[0], row.unknown+`"): Setting must be known at plan`) {
					t.Errorf("reported %q", refused)
				}
				return
			}
			wantSound(t, said)
			wantSound(t, m.apply(t, valueOf(m.kind, provided(row.asked, row.known)), planned))
			m.wantPhase(t, row.phase[0], row.phase[1], row.phase[2:]...)
		})
	}
}

// TestUnknownCertificateBesideAKeyThatWaits: a key that is set stands in the plan
// wherever it is certain which one is presented, also beside a certificate that is
// known only at apply; where it is not, the plan says so.
func TestUnknownCertificateBesideAKeyThatWaits(t *testing.T) {
	t.Parallel()
	start := newStepClock().now
	until := func(days int) pkitest.Deviation {
		return pkitest.Valid(start.Add(-day), start.Add(time.Duration(days)*day))
	}
	graph := pkitest.Build(t, "first\nsecond\nfirst~again", pkitest.With("first", until(100)), pkitest.With("second", until(200)),
		pkitest.With("first~again", until(300), pkitest.SameKeyAs("first")))
	provided := func(certificate, key string, more written) written {
		return with(written{"certificate_pem": graph.PEM(certificate), "private_key_pem": keyPEM(t, graph.Key(key)), "prepublish": "24h", "overlap": "48h"}, more)
	}
	for name, row := range map[string]struct {
		waits   bool
		later   time.Duration
		asked   string // certificate
		key     string
		unknown []string
		refused bool
		phase   []string
	}{
		"the same":                              {asked: "first", key: "first", phase: []string{"1", "0", "1"}},
		"renewed for the same key":              {asked: "first~again", key: "first", phase: []string{"1", "2", "1", "2"}},
		"another one":                           {asked: "second", key: "second", phase: []string{"1", "2", "1", "2"}},
		"the one that waits":                    {waits: true, asked: "second", key: "second", phase: []string{"1", "2", "1", "2"}},
		"the one that is to be presented now":   {waits: true, later: 24 * time.Hour, asked: "second", key: "second", refused: true},
		"the first one after all":               {waits: true, asked: "first", key: "first", phase: []string{"1", "0", "1"}},
		"another one, and prepublish unknown":   {asked: "second", key: "second", unknown: []string{"prepublish"}, refused: true},
		"renewed, and prepublish unknown":       {asked: "first~again", key: "first", unknown: []string{"prepublish"}, phase: []string{"1", "2", "1", "2"}},
		"another one, and both durations":       {asked: "second", key: "second", unknown: []string{"prepublish", "overlap"}, refused: true},
		"another one that is unknown, too":      {asked: "second", key: "second", unknown: []string{"private_key_pem"}, phase: []string{"1", "2", "1", "2"}},
		"another one, key and prepublish, both": {asked: "second", key: "second", unknown: []string{"private_key_pem", "prepublish"}, phase: []string{"1", "2", "1", "2"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newManaged(t, "mtls_pinned_certificate", newStepClock())
			m.must(t, provided("first", "first", nil))
			if row.waits {
				m.must(t, provided("second", "second", nil))
			}
			m.clock.Step(row.later)
			wantSound(t, m.refresh(t))
			unknown := written{"certificate_pem": unknownValue{}}
			for _, argument := range row.unknown {
				unknown[argument] = unknownValue{}
			}
			planned, said := m.plan(t, valueOf(m.kind, provided(row.asked, row.key, unknown)))
			if refused := errorsOf(said); row.refused {
				if len(refused) != 1 || !strings.Contains(refused[0], `private_key_pem"): Certificate must be known at plan`) {
					t.Errorf("reported %q", refused)
				}
				return
			}
			wantSound(t, said)
			wantSound(t, m.apply(t, valueOf(m.kind, provided(row.asked, row.key, nil)), planned))
			m.wantPhase(t, row.phase[0], row.phase[1], row.phase[2:]...)
		})
	}
}

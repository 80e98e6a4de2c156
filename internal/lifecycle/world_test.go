package lifecycle_test

import (
	"crypto/x509/pkix"
	"fmt"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/lifecycle"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

const day = 24 * time.Hour

// A world is a resource as a provider keeps it: what is configured, the texts of
// a state, and the bytes of private state. Everything goes through the texts
// between two calls.
type world struct {
	names   []string // of the slots; one empty name for a single certificate
	uploads bool
	issuer  lifecycle.Issuer
	others  []lifecycle.Issuer // that may take its place
	now     time.Time

	config  config
	states  map[string]stored
	private []byte
}

// A config is what all slots of a world have in common.
type config struct {
	profile              issue.Profile
	commonName           string
	validity             time.Duration
	renewBefore, overlap *time.Duration
	prepublish           *time.Duration
	trigger              string
	reuse                bool
	algorithm            pki.KeyAlgorithm
	spread               bool
	unknown              lifecycle.Unknowns
	triggerUnknown       bool
	// issuerUnknown hides the issuer, and issuerReplaced says of one that is hidden
	// that it is certainly another one.
	issuerUnknown, issuerReplaced bool
}

// stored is what a state holds of one slot, and what it was made from.
type stored struct {
	lifecycle.Stored
	made   config
	issuer string
}

// want is what the configuration asks of a slot.
func (c config) want(name string) lifecycle.Want {
	common := c.commonName
	if name != "" {
		common = name + "." + common
	}
	trigger := lifecycle.Known(c.trigger)
	if c.triggerUnknown {
		trigger = lifecycle.Value[string]{}
	}
	return lifecycle.Want{
		Origin: lifecycle.Generated,
		Request: issue.Request{
			Profile: c.profile, Subject: pkix.Name{CommonName: common}, Validity: c.validity, KeyAlgorithm: c.algorithm,
		},
		Key:      lifecycle.Key{Reuse: c.reuse},
		Triggers: map[string]lifecycle.Value[string]{"turn": trigger},
		Settings: lifecycle.Settings{RenewBefore: c.renewBefore, Overlap: c.overlap, Prepublish: c.prepublish, Spread: c.spread},
		Unknown:  c.unknown,
	}
}

type fataler interface {
	Helper()
	Fatalf(format string, arguments ...any)
}

// resource reads the world into what a call is asked about.
func (w *world) resource(t fataler, config config) *lifecycle.Resource {
	t.Helper()
	record, err := lifecycle.ReadRecord(w.private)
	if err != nil {
		t.Fatalf("the record: %v", err)
	}
	fingerprints := map[string]string{}
	r := &lifecycle.Resource{Uploads: w.uploads, Issuer: w.issuer, Now: w.now, Record: record}
	if config.issuerUnknown && w.issuer.Given {
		r.Issuer = lifecycle.Issuer{Given: true, Unknown: true, Replaced: config.issuerReplaced}
	}
	var problems lifecycle.Problems
	for _, name := range w.names {
		s := lifecycle.Slot{Name: name, Want: config.want(name)}
		if state, is := w.states[name]; is {
			s.Prior = state.Read(record, &problems)
			if s.Prior == nil {
				t.Fatalf("the state: %+v", problems.All())
			}
			made := state.made.want(name)
			s.Prior.SetOrigins(record, true, true, state.issuer)
			s.Prior.Request, s.Prior.Triggers = made.Request, made.Triggers
			fingerprints[name] = pki.FingerprintSHA256(s.Prior.Certificate)
			s.Prior.AddFingerprint(fingerprints)
		}
		r.Slots = append(r.Slots, s)
	}
	if err := record.CheckBelongs(fingerprints); err != nil {
		t.Fatalf("%v", err)
	}
	return r
}

// plan plans config, and fails on an error.
func (w *world) plan(t fataler, config config) []lifecycle.Result {
	t.Helper()
	r := w.resource(t, config)
	var problems lifecycle.Problems
	results := r.Plan(r.Record.DecidedAt(w.now), &problems)
	if problems.Failed() {
		t.Fatalf("the plan: %+v", problems.All())
	}
	return results
}

// apply carries out what was planned, and keeps it.
func (w *world) apply(t fataler, planned []lifecycle.Result) []lifecycle.Result {
	t.Helper()
	r := w.resource(t, w.config)
	promise := lifecycle.Promise{At: r.Record.DecidedAt(w.now), Issuer: r.Issuer.Fingerprint()}
	for _, result := range planned {
		promise.Actions = append(promise.Actions, result.Action)
	}
	var problems lifecycle.Problems
	results, record := r.Apply(context(t), promise, nil, &problems)
	if problems.Failed() {
		t.Fatalf("the apply: %+v", problems.All())
	}
	w.keep(t, results, record)
	return results
}

// keep writes what an apply left into the texts of the state.
func (w *world) keep(t fataler, results []lifecycle.Result, record lifecycle.Record) {
	t.Helper()
	var err error
	if w.private, err = record.Bytes(); err != nil {
		t.Fatalf("%v", err)
	}
	if w.states == nil {
		w.states = map[string]stored{}
	}
	for _, result := range results {
		state := stored{made: w.config}
		certificate, chain := known(t, result.Certificate), known(t, result.Chain)
		state.Slot, state.PrivateKeyPEM, state.HasKey = result.Name, known(t, result.PrivateKey), true
		state.FingerprintSHA256 = pki.FingerprintSHA256(certificate)
		state.ChainPEM, state.Generation = pki.EncodeCertificates(chain...), known(t, result.Generation)
		state.issuer = known(t, result.Issuer)
		if result.Name == "" {
			state.CertificatePEM = pki.EncodeCertificates(certificate)
		} else {
			state.Generation = 1
		}
		if w.uploads {
			state.Trusted = map[string]string{}
			for _, one := range known(t, result.Trusted) {
				state.Trusted[strconv.FormatInt(one.Generation, 10)] = pki.EncodeCertificates(known(t, one.Certificate))
			}
			if next := known(t, result.Next); next.Generation != 0 {
				state.NextGeneration, state.NextPrivateKeyPEM = next.Generation, known(t, next.PrivateKey)
				known(t, next.At)
			}
		}
		known(t, result.RenewalAt)
		known(t, result.RenewalDue)
		w.states[result.Name] = state
	}
}

// refresh moves what the clock moves.
func (w *world) refresh(t fataler) {
	t.Helper()
	if _, record, changed := w.resource(t, w.config).Refresh(); changed && w.states != nil {
		var err error
		if w.private, err = record.Bytes(); err != nil {
			t.Fatalf("%v", err)
		}
	}
}

func known[T any](t fataler, value lifecycle.Value[T]) T {
	t.Helper()
	got, is := value.Get()
	if !is {
		t.Fatalf("a value is not known after an apply: %T", value)
	}
	return got
}

// worlds are a certificate that is uploaded, one that is not, and a set.
func worlds(t *testing.T) map[string]world {
	t.Helper()
	graph := pkitest.Build(t, `
		edge <- issuing <- root
		leaf <- second <- root`,
		pkitest.With("second", pkitest.Valid(pkitest.Now().Add(-day), pkitest.Now().Add(3650*day))),
		pkitest.With("root", pkitest.Valid(pkitest.Now().Add(-day), pkitest.Now().Add(4000*day))),
		pkitest.With("issuing", pkitest.Valid(pkitest.Now().Add(-day), pkitest.Now().Add(3650*day))))
	issuer := lifecycle.Issuer{Given: true, Signer: &issue.Issuer{
		Certificate: graph.Certificate("issuing"), Key: graph.Key("issuing"), Chain: graph.Certificates("root"),
	}}
	other := issuer
	other.Signer = &issue.Issuer{Certificate: graph.Certificate("second"), Key: graph.Key("second"), Root: graph.Certificate("root")}
	others := []lifecycle.Issuer{issuer, other}
	fleet := make([]string, 4)
	for i := range fleet {
		fleet[i] = fmt.Sprintf("fra-%d", i)
	}
	return map[string]world{
		"pin":  {names: []string{""}, uploads: true, config: config{profile: issue.PinnedCertificate}},
		"ca":   {names: []string{""}, uploads: true, issuer: issuer, others: others, config: config{profile: issue.ControlPlaneCA}},
		"leaf": {names: []string{""}, issuer: issuer, others: others, config: config{profile: issue.DataplaneCertificate}},
		"set":  {names: fleet, issuer: issuer, others: others, config: config{profile: issue.DataplaneCertificate, spread: true}},
	}
}

// begin starts a life in which there is nothing yet.
func (w world) begin() *world {
	w.now, w.config.commonName, w.config.validity = pkitest.Now(), "it.example", 100*time.Hour
	return &w
}

// change draws another configuration of the same kind.
func (c config) change(t *rapid.T) config {
	hours := func(name string, of ...int) *time.Duration {
		drawn := rapid.SampledFrom(of).Draw(t, name)
		if drawn < 0 {
			return nil
		}
		return new(time.Duration(drawn) * time.Hour)
	}
	c.renewBefore, c.overlap = hours("renew_before", -1, 0, 10, 50, 85), hours("overlap", -1, 0, 1, 20, 100)
	c.prepublish = hours("prepublish", -1, 0, 5, 9, 9)
	c.trigger = strconv.Itoa(rapid.IntRange(0, 2).Draw(t, "trigger"))
	c.reuse = rapid.Bool().Draw(t, "reuse")
	c.commonName = rapid.SampledFrom([]string{"it.example", "it.example", "other.example"}).Draw(t, "name")
	c.algorithm = rapid.SampledFrom([]pki.KeyAlgorithm{"", "", pki.Ed25519}).Draw(t, "algorithm")
	return c
}

// foreseen draws what a plan knows of a configuration. What is unknown is left
// out of it.
func (c config) foreseen(t *rapid.T) config {
	unknown := func(name string) bool { return rapid.IntRange(0, 5).Draw(t, name+" is unknown") == 5 }
	if unknown("name") {
		c.commonName, c.unknown.Request = "", true
	}
	if unknown("algorithm") {
		c.algorithm, c.unknown.Request, c.unknown.Algorithm = "", true, true
	}
	if unknown("renew_before") {
		c.renewBefore, c.unknown.RenewBefore = nil, true
	}
	if unknown("overlap") {
		c.overlap, c.unknown.Overlap = nil, true
	}
	if unknown("prepublish") {
		c.prepublish, c.unknown.Prepublish = nil, true
	}
	if unknown("reuse") {
		c.reuse = false
	}
	if unknown("trigger") {
		c.triggerUnknown = true
	}
	if unknown("all triggers") {
		c.unknown.Triggers = true
	}
	if unknown("issuer") || c.issuerReplaced {
		c.issuerUnknown = true
	}
	return c
}

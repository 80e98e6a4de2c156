package lifecycle

import (
	"context"
	"crypto/x509/pkix"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// fleet is a set of nodes that are yet to be issued below a CA.
func fleet(t *testing.T, size int) *Resource {
	t.Helper()
	graph := pkitest.Build(t, "edge <- ca")
	r := &Resource{Now: pkitest.Now(), Issuer: Issuer{Given: true, Signer: &issue.Issuer{Certificate: graph.Certificate("ca"), Key: graph.Key("ca")}}}
	for i := range size {
		name := fmt.Sprintf("edge-%02d", i)
		r.Slots = append(r.Slots, Slot{Name: name, Want: Want{
			Origin: Generated, Request: issue.Request{Profile: issue.DataplaneCertificate, Subject: pkix.Name{CommonName: name}},
		}})
	}
	return r
}

func promiseAll(r *Resource) Promise {
	return Promise{Actions: make([]Action, len(r.Slots)), At: r.Now, Issuer: r.Issuer.Fingerprint()}
}

// countdown is a context that is cancelled once it was asked so many times.
type countdown struct {
	context.Context
	left atomic.Int64
}

func (c *countdown) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// In the middle of issuing, no further certificate is begun, and nothing is kept.
func TestIssuingStopsInTheMiddle(t *testing.T) {
	r := fleet(t, 50)
	ctx := &countdown{Context: t.Context()}
	ctx.left.Store(7)
	wanted := make([]int, len(r.Slots))
	for i := range wanted {
		wanted[i] = i
	}
	var problems Problems
	results := r.makeAll(ctx, wanted, nil, &problems)
	for i, result := range results {
		if made := result.certificate != nil; made != (i < 7) {
			t.Errorf("%s: issued %t; want the first seven", r.Slots[i].Name, made)
		}
	}
	if all := problems.All(); len(all) != 1 || all[0].Summary != "Interrupted" {
		t.Errorf("reported %+v", all)
	}
}

// TestOneRefusedSlotStopsAll: every slot at fault is named, and nothing is issued
// for the others.
func TestOneRefusedSlotStopsAll(t *testing.T) {
	r := fleet(t, 10)
	r.Slots[3].Want.Request.DNSNames, r.Slots[7].Want.Request.DNSNames = []string{"a b"}, []string{"a b"}
	var problems Problems
	results, record := r.Apply(t.Context(), promiseAll(r), nil, &problems)
	var named []string
	for _, problem := range problems.All() {
		named = append(named, problem.Slot+" "+problem.Field)
	}
	if got := strings.Join(named, ", "); got != "edge-03 dns_names, edge-07 dns_names" {
		t.Errorf("reported at %s", got)
	}
	if results != nil || record.Certificates != "" {
		t.Errorf("%d results and the record %+v are left", len(results), record)
	}
}

// TestAnotherIssuerThanPlanned makes nothing.
func TestAnotherIssuerThanPlanned(t *testing.T) {
	r := fleet(t, 2)
	promise := promiseAll(r)
	promise.Issuer = Known("00ff")
	var problems Problems
	if results, _ := r.Apply(t.Context(), promise, nil, &problems); results != nil || !problems.Failed() {
		t.Errorf("%d results, problems %+v", len(results), problems.All())
	}
}

// TestUnreadableCSRIsRefused: no key is made for somebody who has one, in a plan or
// an apply, for one certificate or for a node of many.
func TestUnreadableCSRIsRefused(t *testing.T) {
	for _, name := range []string{"", "edge-1"} {
		s := newScene(t, false)
		s.slot.Name, s.slot.Prior, s.slot.Want.Key = name, nil, Key{Source: CSRKey}
		var planned, applied Problems
		s.resource.Plan(s.resource.Now, &planned)
		s.resource.Apply(t.Context(), Promise{Actions: []Action{Rotate}, At: s.resource.Now}, nil, &applied)
		for _, problems := range []Problems{planned, applied} {
			if all := problems.All(); len(all) != 1 || all[0].Slot != name || all[0].Field != "csr_pem" || all[0].Severity != Error {
				t.Errorf("%q: reported %+v", name, all)
			}
		}
		s.slot.Want.Unknown.Key = true
		var waiting Problems
		if s.resource.Plan(s.resource.Now, &waiting); waiting.Failed() {
			t.Errorf("%q: one that is unknown is refused: %+v", name, waiting.All())
		}
	}
}

package trust_test

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/lifecycle"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/revocation"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// An authority is a CA whose list is kept as mtls_revocation_list keeps it.
type authority struct {
	t       *testing.T
	ca      *issue.Issuer
	want    revocation.Want
	record  revocation.Record
	stored  revocation.Stored
	started bool
}

// newAuthority makes a CA, below another one if there is one, at an instant.
func newAuthority(t *testing.T, name string, above *authority, at time.Time, urls ...string) *authority {
	t.Helper()
	a := &authority{t: t}
	a.want.ActiveGiven, a.want.GenerationGiven, a.want.Generation = true, true, lifecycle.Known(int64(1))
	a.want.Settings.DistributionPoints = urls
	a.renew(name, above, at, nil, urls...)
	return a
}

// renew gives the CA another certificate, with another key or with the one of the
// generation before.
func (a *authority) renew(name string, above *authority, at time.Time, renews *issue.Issuer, urls ...string) {
	a.t.Helper()
	request := issue.Request{Profile: issue.ControlPlaneCA, Subject: pkix.Name{CommonName: name}, CRLDistributionPoints: urls, Validity: 30 * 24 * time.Hour}
	if renews != nil {
		request.Key, request.Renews = renews.Key, renews.Certificate
	}
	var issuer *issue.Issuer
	if above != nil {
		issuer = above.ca
	}
	made, err := issue.Issue(context.Background(), request, issuer, at)
	if err != nil {
		a.t.Fatal(err)
	}
	a.ca = &issue.Issuer{Certificate: made.Certificate, Key: made.Key}
	if issuer != nil {
		a.ca.Chain = []*x509.Certificate{issuer.Certificate}
	}
	a.want.Issuer = lifecycle.Issuer{Given: true, Signer: a.ca}
}

// leaf issues a certificate for a data plane.
func (a *authority) leaf(name string, at time.Time, urls ...string) *issue.Issued {
	a.t.Helper()
	made, err := issue.Issue(context.Background(), issue.Request{
		Profile: issue.DataplaneCertificate, Subject: pkix.Name{CommonName: name}, CRLDistributionPoints: urls, Validity: 10 * 24 * time.Hour,
	}, a.ca, at)
	if err != nil {
		a.t.Fatal(err)
	}
	return made
}

// next applies the resource at an instant, and returns the list that is current
// then, and those of earlier generations.
func (a *authority) next(at time.Time) (*x509.RevocationList, []*x509.RevocationList) {
	a.t.Helper()
	r := &revocation.Resource{Want: a.want, Now: at}
	if a.started {
		prior, err := a.stored.Read(a.record)
		if err != nil {
			a.t.Fatal(err)
		}
		r.Prior = prior
	}
	var problems lifecycle.Problems
	result, record := r.Apply(context.Background(), revocation.Promise{At: at}, &problems)
	if problems.Failed() {
		a.t.Fatalf("%+v", problems)
	}
	list, _ := result.List.Get()
	generation, _ := a.want.Generation.Get()
	fingerprint, _ := result.Issuer.Get()
	a.record, a.started = record, true
	a.stored = revocation.Stored{
		CRLPEM: pki.EncodeRevocationLists(list), Generation: generation, Issuer: fingerprint, Earlier: map[int64]string{}, Settings: a.want.Settings,
	}
	texts, _ := result.Earlier.Get()
	var earlier []*x509.RevocationList
	for number, text := range texts {
		a.stored.Earlier[number], _ = text.Get()
		one, err := revocation.Parse([]byte(a.stored.Earlier[number]))
		if err != nil {
			a.t.Fatal(err)
		}
		earlier = append(earlier, one)
	}
	return list, earlier
}

// list is the next list, which revokes some certificates for a reason.
func (a *authority) list(at time.Time, reason revocation.Reason, revoked ...*issue.Issued) *x509.RevocationList {
	a.t.Helper()
	a.want.Revoked = nil
	for _, one := range revoked {
		a.want.Revoked = append(a.want.Revoked, revocation.Revoked{Certificate: one.Certificate, Reason: &reason})
	}
	list, _ := a.next(at)
	return list
}

// staleList is a list that has ended, of a life of its own.
func (a *authority) staleList(at time.Time) *x509.RevocationList {
	a.t.Helper()
	other := *a
	other.started, other.want.Revoked, other.want.Settings.Validity = false, nil, time.Hour
	list, _ := other.next(at.Add(-2 * time.Hour))
	return list
}

// A listCase is a chain and lists, and who accepts it: all that check the whole
// chain, and Apache where it checks the leaf.
type listCase struct {
	name        string
	uploaded    []*x509.Certificate
	presented   presentation
	lists       []*x509.RevocationList
	chain, leaf bool
}

func presents(leaf *issue.Issued, above ...*authority) presentation {
	p := presentation{chain: []*x509.Certificate{leaf.Certificate}, key: leaf.Key}
	for _, one := range above {
		p.chain = append(p.chain, one.ca.Certificate)
	}
	return p
}

func lists(all ...*x509.RevocationList) []*x509.RevocationList { return all }

// listCases are sites with lists as mtls_revocation_list makes them.
func listCases(t *testing.T, now time.Time) []listCase {
	t.Helper()
	all := casesOfOneCA(t, now)
	all = append(all, casesOfTwoCAs(t, now)...)
	all = append(all, casesOfRollover(t, now)...)
	all = append(all, casesOfDistributionPoints(t, now)...)
	return append(all, casesOfOtherLists(t, now)...)
}

func casesOfOneCA(t *testing.T, now time.Time) []listCase {
	t.Helper()
	began := now.Add(-3 * time.Hour)
	root := newAuthority(t, "One Root", nil, began)
	good, bad := root.leaf("good", began), root.leaf("bad", began)
	uploaded := []*x509.Certificate{root.ca.Certificate}
	stale, empty := root.staleList(now), root.list(now.Add(-time.Minute), revocation.Unspecified)
	held := root.list(now, revocation.CertificateHold, bad)
	resumed := root.list(now, revocation.Unspecified)
	full := root.list(now, revocation.KeyCompromise, bad)
	return []listCase{
		{"one CA, no list", uploaded, presents(bad), nil, true, true},
		{"one CA, an empty list", uploaded, presents(good), lists(empty), true, true},
		{"one CA, another one is revoked", uploaded, presents(good), lists(full), true, true},
		{"one CA, revoked", uploaded, presents(bad), lists(full), false, false},
		{"one CA, revoked, the list before beside it", uploaded, presents(bad), lists(empty, full), false, false},
		{"one CA, a stale list", uploaded, presents(good), lists(stale), false, false},
		{"one CA, a stale list beside a current one", uploaded, presents(good), lists(stale, full), true, true},
		{"one CA, on hold", uploaded, presents(bad), lists(held), false, false},
		{"one CA, no longer on hold", uploaded, presents(bad), lists(resumed), true, true},
	}
}

func casesOfTwoCAs(t *testing.T, now time.Time) []listCase {
	t.Helper()
	began := now.Add(-3 * time.Hour)
	root := newAuthority(t, "Root", nil, began)
	issuing := newAuthority(t, "Issuing", root, began)
	good, bad := issuing.leaf("good", began), issuing.leaf("bad", began)
	uploaded := []*x509.Certificate{root.ca.Certificate}
	ofRoot, ofIssuing := root.list(now, revocation.Unspecified), issuing.list(now, revocation.Superseded, bad)
	withdrawn := root.list(now, revocation.CACompromise, &issue.Issued{Certificate: issuing.ca.Certificate})
	return []listCase{
		{"both lists", uploaded, presents(good, issuing), lists(ofIssuing, ofRoot), true, true},
		{"both lists, revoked", uploaded, presents(bad, issuing), lists(ofIssuing, ofRoot), false, false},
		{"both lists, the intermediate is uploaded, too", append(slices.Clone(uploaded), issuing.ca.Certificate), presents(good), lists(ofIssuing, ofRoot), true, true},
		{"the root's list is missing", uploaded, presents(good, issuing), lists(ofIssuing), false, true},
		{"the intermediate's list is missing", uploaded, presents(good, issuing), lists(ofRoot), false, false},
		{"the root's list is stale", uploaded, presents(good, issuing), lists(ofIssuing, root.staleList(now)), false, true},
		{"the intermediate's list is stale", uploaded, presents(good, issuing), lists(issuing.staleList(now), ofRoot), false, false},
		{"the root's list is stale, revoked", uploaded, presents(bad, issuing), lists(ofIssuing, root.staleList(now)), false, false},
		{"the intermediate is revoked", uploaded, presents(good, issuing), lists(ofIssuing, withdrawn), false, true},
	}
}

// casesOfRollover are CAs with a second generation: of another key, of the same,
// and an intermediate.
func casesOfRollover(t *testing.T, now time.Time) []listCase {
	t.Helper()
	began := now.Add(-3 * time.Hour)
	rotated := func(name string, above *authority, sameKey bool) (before, after []presentation, uploaded []*x509.Certificate, current *x509.RevocationList, earlier []*x509.RevocationList) {
		a := newAuthority(t, name, above, began)
		chain := func(leaf *issue.Issued) presentation {
			if above == nil {
				return presents(leaf)
			}
			return presents(leaf, a)
		}
		oldGood, oldBad := a.leaf("good", began), a.leaf("bad", began)
		before = []presentation{chain(oldGood), chain(oldBad)}
		a.want.Revoked = []revocation.Revoked{{Certificate: oldBad.Certificate}}
		a.next(began.Add(time.Hour))
		first := a.ca
		renews := first
		if !sameKey {
			renews = nil
		}
		a.renew(name, above, began.Add(2*time.Hour), renews)
		a.want.Generation, a.want.Revoked = lifecycle.Known(int64(2)), nil
		newGood, newBad := a.leaf("good", began.Add(2*time.Hour)), a.leaf("bad", began.Add(2*time.Hour))
		after = []presentation{chain(newGood), chain(newBad)}
		a.want.Revoked = []revocation.Revoked{{Certificate: newBad.Certificate}}
		current, earlier = a.next(began.Add(2 * time.Hour))
		if above == nil {
			return before, after, []*x509.Certificate{a.ca.Certificate, first.Certificate}, current, earlier
		}
		return before, after, []*x509.Certificate{above.ca.Certificate}, current, earlier
	}
	var all []listCase
	for _, sameKey := range []bool{false, true} {
		for _, below := range []bool{false, true} {
			name, more := fmt.Sprintf("rollover, same key %t, below a root %t", sameKey, below), []*x509.RevocationList(nil)
			var above *authority
			if below {
				above = newAuthority(t, "Root "+name, nil, began)
				more = lists(above.list(now, revocation.Unspecified))
			}
			before, after, uploaded, current, earlier := rotated(fmt.Sprintf("CA %t %t", sameKey, below), above, sameKey)
			both := slices.Concat(lists(current), earlier, more)
			all = append(all,
				listCase{name + ": earlier", uploaded, before[0], both, true, true},
				listCase{name + ": earlier, revoked", uploaded, before[1], both, false, false},
				listCase{name + ": now", uploaded, after[0], both, true, true},
				listCase{name + ": now, revoked", uploaded, after[1], both, false, false},
				// Only the current list: it covers what the same key signed.
				listCase{name + ": earlier, without its list", uploaded, before[0], slices.Concat(lists(current), more), sameKey, sameKey},
				listCase{name + ": earlier, revoked, without its list", uploaded, before[1], slices.Concat(lists(current), more), false, false},
				listCase{name + ": now, without the earlier list", uploaded, after[0], slices.Concat(lists(current), more), true, true},
			)
		}
	}
	return all
}

// casesOfDistributionPoints have lists that say where they are found.
func casesOfDistributionPoints(t *testing.T, now time.Time) []listCase {
	t.Helper()
	const here, there = "http://crl.acme.example/issuing.crl", "http://crl.acme.example/elsewhere.crl"
	began := now.Add(-3 * time.Hour)
	root := newAuthority(t, "Root", nil, began)
	issuing := newAuthority(t, "Issuing of a place", root, began)
	issuing.want.Settings.DistributionPoints = []string{here}
	named, bad, several := issuing.leaf("named", began, here), issuing.leaf("bad", began, here), issuing.leaf("several", began, there, here)
	silent, elsewhere := issuing.leaf("silent", began), issuing.leaf("elsewhere", began, there)
	uploaded := []*x509.Certificate{root.ca.Certificate}
	both := lists(issuing.list(now, revocation.KeyCompromise, bad), root.list(now, revocation.Unspecified))
	issuing.want.Settings.DistributionPoints = []string{there, here}
	more := lists(issuing.list(now, revocation.KeyCompromise, bad), both[1])
	return []listCase{
		{"distribution point: named", uploaded, presents(named, issuing), both, true, true},
		{"distribution point: named, revoked", uploaded, presents(bad, issuing), both, false, false},
		{"distribution point: named among others", uploaded, presents(several, issuing), both, true, true},
		{"distribution point: none named", uploaded, presents(silent, issuing), both, false, false},
		{"distribution point: another one named", uploaded, presents(elsewhere, issuing), both, false, false},
		{"distribution points of a list: one named", uploaded, presents(elsewhere, issuing), more, true, true},
		{"distribution points of a list: one named, revoked", uploaded, presents(bad, issuing), more, false, false},
	}
}

// casesOfOtherLists have lists that this resource does not make, and others do:
// with an extension that says that they are of a part.
func casesOfOtherLists(t *testing.T, now time.Time) []listCase {
	t.Helper()
	root := newAuthority(t, "Root of others", nil, now.Add(-3*time.Hour))
	good, bad := root.leaf("good", now.Add(-3*time.Hour)), root.leaf("bad", now.Add(-3*time.Hour))
	number := int64(0)
	made := func(critical bool, value []byte, id ...int) *x509.RevocationList {
		number++
		template := &x509.RevocationList{
			Number: big.NewInt(number), ThisUpdate: now.Add(-time.Hour), NextUpdate: now.Add(time.Hour),
			RevokedCertificateEntries: []x509.RevocationListEntry{{SerialNumber: bad.Certificate.SerialNumber, RevocationTime: now.Add(-2 * time.Hour)}},
			ExtraExtensions:           []pkix.Extension{{Id: id, Critical: critical, Value: value}},
		}
		der, err := x509.CreateRevocationList(rand.Reader, template, root.ca.Certificate, root.ca.Key)
		if err != nil {
			t.Fatal(err)
		}
		list, err := x509.ParseRevocationList(der)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	whole, place := root.list(now.Add(-2*time.Hour), revocation.Unspecified), []int{2, 5, 29, 28}
	var all []listCase
	for _, one := range []struct {
		name        string
		list        *x509.RevocationList
		chain, leaf bool // accepted, where the certificate is not on it
	}{
		{"of data planes only", made(true, []byte{0x30, 3, 0x81, 1, 0xff}, place...), false, true},
		{"of CAs only", made(true, []byte{0x30, 3, 0x82, 1, 0xff}, place...), false, false},
		{"of attribute certificates only", made(true, []byte{0x30, 3, 0x85, 1, 0xff}, place...), false, false},
		{"of some reasons only", made(true, []byte{0x30, 4, 0x83, 2, 6, 0x40}, place...), false, false},
		{"indirect", made(true, []byte{0x30, 3, 0x84, 1, 0xff}, place...), false, false},
		{"of data planes only and of CAs only", made(true, []byte{0x30, 6, 0x81, 1, 0xff, 0x82, 1, 0xff}, place...), false, false},
		{"with an unknown critical extension", made(true, []byte{5, 0}, 1, 3, 6, 1, 4, 1, 55555, 1), false, false},
		{"with an unknown extension", made(false, []byte{5, 0}, 1, 3, 6, 1, 4, 1, 55555, 1), true, true},
	} {
		uploaded := []*x509.Certificate{root.ca.Certificate}
		all = append(all,
			listCase{"a list " + one.name, uploaded, presents(good), lists(one.list), one.chain, one.leaf},
			listCase{"a list " + one.name + ", revoked", uploaded, presents(bad), lists(one.list), false, false},
			listCase{"a list " + one.name + ", beside an older whole one", uploaded, presents(good), lists(one.list, whole), true, true},
		)
	}
	return all
}

// TestOracleLists asks servers about lists as mtls_revocation_list makes them, and
// others: nginx, HAProxy and Apache, each held against its verifier, and Apache where it
// checks the leaf, and stunnel.
func TestOracleLists(t *testing.T) {
	now := time.Now()
	cases := listCases(t, now)
	ofLeaf := func(c listCase) bool { return c.leaf }
	ofChain := func(c listCase) bool { return c.chain }
	for _, w := range []struct {
		program
		accepts func(listCase) bool
	}{
		{program{"nginx", trust.Nginx, []string{"nginx"}, judgeOfNginx, false}, ofChain},
		{program{"HAProxy", trust.HAProxy, []string{"haproxy"}, judgeOfHAProxy, false}, ofChain},
		{program{"Apache, chain", trust.Apache, []string{"apache2"}, judgeOfApache, false}, ofChain},
		{program{"Apache, leaf", "", []string{"apache2"}, judgeOfApacheLeaf, false}, ofLeaf},
		{program{"stunnel", "", []string{"stunnel4"}, judgeOfStunnel, false}, ofLeaf},
	} {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			w.skipWithout(t)
			var stores []store
			for _, c := range cases {
				of := store{uploaded: c.uploaded, lists: c.lists}
				if w.verifier == trust.Apache || w.verifier == "" {
					of.depth = new(3)
				}
				stores = append(stores, of)
			}
			ask := w.start(t, stores)
			accepts, words, silent := 0, 0, 0
			for i, c := range cases {
				accepted, wrote := ask(t, i, c.presented)
				if accepted != w.accepts(c) {
					t.Errorf("%s: accepted: %t (it writes %q), want %t", c.name, accepted, wrote, w.accepts(c))
				}
				switch {
				case accepted:
					accepts++
				case wrote == "":
					silent++
				default:
					words++
				}
				if w.verifier == "" {
					continue
				}
				verdict := trust.Evaluate(c.uploaded, c.presented.chain, trial{store: i, stores: &stores, presented: c.presented}.options(w.program))
				if verdict.Trusted != accepted {
					t.Errorf("%s: accepted: %t (it writes %q), and Evaluate says %s", c.name, accepted, wrote, inWords(verdict))
				} else if wrote != "" && !sameWords(w.program, wrote, verdict) {
					t.Errorf("%s: it writes %q, Evaluate says %q of %s", c.name, wrote, verdict.Picture.Says, codesOf(verdict))
				}
			}
			announce(t, fmt.Sprintf("oracle lists of mtls_revocation_list, %s: %d ran, %d accepted, %d refused with a reason, %d without a word", w.name, len(cases), accepts, words, silent))
		})
	}
}

// judgeOfApacheLeaf is Apache with SSLCARevocationCheck leaf.
func judgeOfApacheLeaf(t *testing.T, stores []store) judge {
	t.Helper()
	return startApache(t, stores, "leaf")
}

// judgeOfStunnel runs one stunnel with a service for each store, in front of a
// server that answers everybody.
func judgeOfStunnel(t *testing.T, stores []store) judge {
	t.Helper()
	s := newPlace(t)
	var configuration strings.Builder
	fmt.Fprintf(&configuration, "foreground = yes\nsyslog = no\ndebug = info\npid = %s\n", s.path("stunnel.pid"))
	addresses := freePorts(t, len(stores)+1)
	behind := addresses[len(stores)]
	answerInTheClear(t, behind)
	for i, of := range stores {
		anchors, lists := s.writeStore(i, of)
		fmt.Fprintf(&configuration, "[s%d]\naccept = %s\nconnect = %s\ncert = %s\nkey = %s\nCAfile = %s\nverifyChain = yes\n",
			i, addresses[i], behind, s.path("control.pem"), s.path("control.key"), anchors)
		if lists != "" {
			fmt.Fprintf(&configuration, "CRLfile = %s\n", lists)
		}
	}
	output := run(t, "stunnel4", s.write("stunnel.conf", configuration.String()))
	for _, address := range addresses {
		await(t, "tcp", address, output)
	}
	return asClient("tcp", addresses, output, regexp.MustCompile(`CERT: ([^\n]*error[^\n]*)`), nil)
}

// answerInTheClear answers every request with 200, until the test ends.
func answerInTheClear(t *testing.T, address string) {
	t.Helper()
	listener, err := net.Listen("tcp", address) //nolint:noctx // closed with its server
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })}
	t.Cleanup(func() { _ = server.Close() })
	go func() { _ = server.Serve(listener) }()
}

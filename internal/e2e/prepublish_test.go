package e2e

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

const (
	hour = time.Hour
	// restarting is how long it takes, at most, until every process has taken up
	// what was written; lagging how late an apply of the other state comes.
	restarting, lagging = 48 * hour, 72 * hour
	// Both are longer than the two together.
	prepublish, overlap = 168 * hour, 168 * hour
)

// A fleet is a control plane of two nodes and its data planes, with the states
// that their files come from.
type fleet struct {
	*stage
	random   *rand.Rand
	nodes    []*process
	planes   []*process
	triggers map[string]int // by what is rotated
	// ahead is the prepublish of everything that has one.
	ahead string
	// lateAt is when the state is applied next that is not applied daily.
	lateAt time.Time
	// rootBundle is what the team of the data planes last heard of the other's root.
	rootBundle string
	// content says of two processes with the files that they have until when they
	// are known to accept each other.
	content map[string]time.Time
	// apply applies all states; late ones only where that is asked for.
	apply func(f *fleet, late bool)
	// meet has a data plane connect to a node.
	meet func(ctx context.Context, node, plane *process, version uint16, at time.Time) error

	tally twoWayTally
}

// A twoWayTally counts handshakes by what became of them.
type twoWayTally struct {
	connections, handshakes, rotations int // not each connection takes a handshake
	refusedBy                          map[string]int
	first                              error
	presented                          map[string]string // the last generation by what is rotated
	mixed                              map[string]bool   // combinations of two processes
	judged                             int               // by openssl, too
}

func (c *twoWayTally) String() string {
	return fmt.Sprintf("%d rotations, %d connections, of them %d with a handshake, in %d states of two processes: refused by the control plane %d, by data planes %d; %d of them were judged by openssl, too",
		c.rotations, c.connections, c.handshakes, len(c.mixed), c.refusedBy[atControlPlane.who], c.refusedBy[atDataPlane.who], c.judged)
}

func newFleet(t *testing.T, ahead string, apply func(*fleet, bool)) *fleet {
	t.Helper()
	f := drawFleet(t, ahead, apply)
	f.begin()
	return f
}

// drawFleet is a fleet that has not begun.
func drawFleet(t *testing.T, ahead string, apply func(*fleet, bool)) *fleet {
	t.Helper()
	f := &fleet{
		stage: newStage(t), meet: connect, random: rand.New(rand.NewPCG(2026, 11)), ahead: ahead, apply: apply, triggers: map[string]int{}, content: map[string]time.Time{},
		tally: twoWayTally{refusedBy: map[string]int{}, presented: map[string]string{}, mixed: map[string]bool{}},
	}
	for i := range 2 {
		f.nodes = append(f.nodes, &process{name: "node-" + strconv.Itoa(i)})
	}
	for i := range 4 {
		f.planes = append(f.planes, &process{name: "edge-" + strconv.Itoa(i)})
	}
	return f
}

// begin applies everything, and starts all processes with that.
func (f *fleet) begin() {
	f.t.Helper()
	f.apply(f, true)
	for _, p := range f.all() {
		p.start(f.t)
	}
}

func (f *fleet) all() []*process { return slices.Concat(f.nodes, f.planes) }

// uploaded applies what is uploaded, and counts it where another generation is
// presented.
func (f *fleet) uploaded(address string, config values) map[string]tftypes.Value {
	f.t.Helper()
	if _, given := config["overlap"]; !given {
		config["overlap"] = overlap.String()
	}
	if f.ahead != "0s" {
		config["prepublish"] = f.ahead
	}
	config["rotation_triggers"] = values{"turn": strconv.Itoa(f.triggers[address])}
	attributes := f.stage.apply(address, config)
	f.counts(address, generation(attributes))
	return attributes
}

// leaf applies a certificate below issuer.
func (f *fleet) leaf(name string, issuer map[string]tftypes.Value, more values) map[string]tftypes.Value {
	f.t.Helper()
	address := "mtls_dataplane_certificate." + name
	config := values{
		"subject": values{"common_name": name}, "issuer": f.issuerOf(issuer), "validity": "1000h", "renew_before": "336h",
		"rotation_triggers": values{"turn": strconv.Itoa(f.triggers[address])},
	}
	maps.Copy(config, more)
	return f.stage.apply(address, config)
}

func (f *fleet) counts(address, presents string) {
	if before, is := f.tally.presented[address]; is && before != presents {
		f.tally.rotations++
	}
	f.tally.presented[address] = presents
}

// controlPlane applies the control plane's own certificate.
func (f *fleet) controlPlane(issuer map[string]tftypes.Value) map[string]tftypes.Value {
	const address = "control_plane"
	before := f.held["mtls_dataplane_certificate."+address]
	attributes := f.leaf(address, issuer, values{"dns_names": []string{controlPlaneName}, "extended_key_usages": []string{"server_auth"}})
	if before != nil {
		f.counts(address, generation(attributes))
	}
	return attributes
}

// live lets time pass: the first state is applied daily, late ones with a lag;
// processes restart one after the other, each some time after its files were
// written; and every data plane connects every two hours.
func (f *fleet) live(lasts time.Duration) {
	f.t.Helper()
	for end := f.now.Add(lasts); f.now.Before(end); {
		f.now = f.now.Add(2 * hour)
		if f.now.Hour() == 6 {
			late := !f.now.Before(f.lateAt)
			f.apply(f, late)
			if late {
				f.lateAt = f.now.Add(time.Duration(f.random.Int64N(int64(lagging))))
			}
		}
		for _, p := range f.all() {
			switch {
			case p.written == p.running:
				p.restart = time.Time{}
			case p.restart.IsZero():
				p.restart = f.now.Add(time.Duration(f.random.Int64N(int64(restarting))))
			case !f.now.Before(p.restart):
				p.start(f.t)
			}
		}
		for _, plane := range f.planes {
			f.connects(f.nodes[f.random.IntN(len(f.nodes))], plane)
		}
	}
}

// connects lets a data plane connect. Two processes that accepted each other accept
// each other again while they run with the same files, and until one of their
// certificates ends: nothing else is judged by the instant. Such a connection takes
// a handshake once a day, and any other one always.
func (f *fleet) connects(node, plane *process) {
	f.t.Helper()
	f.tally.connections++
	both := node.running.trusted + node.running.chain + "\n" + plane.running.trusted + plane.running.chain
	f.tally.mixed[both] = true
	both += node.name // two that are programs are asked both
	if !f.now.Before(f.content[both]) && f.handshake(node, plane) == nil {
		known := f.now.Add(24 * hour)
		for _, ends := range []time.Time{node.ends, plane.ends} {
			if ends.Before(known) {
				known = ends
			}
		}
		f.content[both] = known
	}
}

// handshake connects, and returns who refuses whom.
func (f *fleet) handshake(node, plane *process) error {
	f.t.Helper()
	version := uint16(tls.VersionTLS12)
	if f.tally.handshakes%2 == 0 {
		version = tls.VersionTLS13
	}
	err := f.meet(f.t.Context(), node, plane, version, f.now)
	f.tally.handshakes++
	var refused *refusedError
	switch {
	case err == nil:
	case errors.As(err, &refused):
		f.tally.refusedBy[refused.who]++
		if f.tally.first == nil {
			f.tally.first = fmt.Errorf("%s: %s and %s: %w", f.now.Format(time.RFC3339), node.name, plane.name, err)
		}
	default:
		f.t.Fatalf("%s: %s and %s: %v", f.now, node.name, plane.name, err)
	}
	if f.tally.handshakes%25 == 0 || refused != nil && f.tally.judged < 20 {
		f.askOpenSSL(node, plane)
	}
	return err
}

// askOpenSSL compares both judgements with those of the program that Kong's are
// made by.
func (f *fleet) askOpenSSL(node, plane *process) {
	f.t.Helper()
	folder := f.t.TempDir()
	for _, one := range []struct {
		by, of  *process
		side    side
		purpose []string
	}{
		{node, plane, atControlPlane, []string{"-purpose", "sslclient"}},
		{plane, node, atDataPlane, []string{"-purpose", "sslserver", "-verify_hostname", controlPlaneName}},
	} {
		if len(one.by.pins) > 0 {
			continue // compared, and not verified
		}
		chain, err := pki.ParseCertificates(one.of.running.chain)
		if err != nil {
			f.t.Fatal(err)
		}
		ours := one.by.judge(one.side, chain, f.now)
		for name, text := range map[string]string{"trusted.pem": one.by.running.trusted, "chain.pem": one.of.running.chain} {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
				f.t.Fatal(err)
			}
		}
		ctx, cancel := context.WithTimeout(f.t.Context(), time.Minute)
		command := exec.CommandContext(ctx, "openssl", append([]string{
			"verify", "-no-CApath", "-no-CAstore", "-CAfile", "trusted.pem", "-untrusted", "chain.pem",
			"-verify_depth", strconv.Itoa(one.side.depth), "-attime", strconv.FormatInt(f.now.Unix(), 10),
		}, append(one.purpose, "chain.pem")...)...)
		command.Dir = folder
		said, theirs := command.CombinedOutput()
		cancel()
		if (ours == nil) != (theirs == nil) {
			f.t.Fatalf("%s: %s of %s: our answer is %v, that of openssl %v: %s", f.now, one.by.name, one.of.name, ours, theirs, bytes.TrimSpace(said))
		}
	}
	f.tally.judged++
}

// write writes the files of processes.
func write(processes []*process, trusted string, identity func(name string) (chain, key string)) {
	for _, p := range processes {
		chain, key := identity(p.name)
		p.written = files{trusted, chain, key}
	}
}

// platform are the CAs and the control plane's own certificate.
func platform(f *fleet, issuingAhead bool) (root, issuing, controlPlane map[string]tftypes.Value) {
	above := values{"subject": values{"common_name": "Root"}, "validity": "8760h", "renew_before": "2400h"}
	if issuingAhead {
		// What is below the root switches only when the intermediate does.
		above["overlap"] = (prepublish + overlap).String()
	}
	root = f.uploaded("mtls_control_plane_ca.root", above)
	config := values{
		"subject": values{"common_name": "Issuing"}, "issuer": f.issuerOf(root), "max_path_length": 0, "validity": "4380h", "renew_before": "1200h",
	}
	if issuingAhead {
		issuing = f.uploaded("mtls_control_plane_ca.issuing", config)
	} else {
		config["rotation_triggers"] = values{"turn": strconv.Itoa(f.triggers["mtls_control_plane_ca.issuing"])}
		issuing = f.stage.apply("mtls_control_plane_ca.issuing", config)
		f.counts("mtls_control_plane_ca.issuing", generation(issuing))
	}
	return root, issuing, f.controlPlane(issuing)
}

// inOneState: the root in the trust of both sides; chains with the intermediate.
func inOneState(f *fleet, _ bool) {
	root, issuing, own := platform(f, false)
	bundle := text(root, "trust_bundle_pem")
	write(f.nodes, bundle, func(string) (string, string) { return text(own, "chain_pem"), text(own, "private_key_pem") })
	write(f.planes, bundle, func(name string) (string, string) {
		leaf := f.leaf(name, issuing, nil)
		return text(leaf, "chain_pem"), text(leaf, "private_key_pem")
	})
}

// withTheIntermediateUploaded: data planes present their leaf and nothing else, so
// that the intermediate has to be trusted first, too.
func withTheIntermediateUploaded(f *fleet, _ bool) {
	root, issuing, own := platform(f, true)
	bundle := text(root, "trust_bundle_pem")
	write(f.nodes, bundle+text(issuing, "trust_bundle_pem"), func(string) (string, string) { return text(own, "chain_pem"), text(own, "private_key_pem") })
	write(f.planes, bundle, func(name string) (string, string) {
		leaf := f.leaf(name, issuing, nil)
		return text(leaf, "certificate_pem"), text(leaf, "private_key_pem")
	})
}

// inTwoStates: one team owns the CAs, the control plane and what is trusted; the
// other its data planes, and applies when it comes to it.
func inTwoStates(f *fleet, late bool) {
	root, issuing, own := platform(f, false)
	bundle := text(root, "trust_bundle_pem")
	write(f.nodes, bundle, func(string) (string, string) { return text(own, "chain_pem"), text(own, "private_key_pem") })
	if !late {
		return
	}
	write(f.planes, bundle, func(name string) (string, string) {
		leaf := f.leaf(name, issuing, nil)
		return text(leaf, "chain_pem"), text(leaf, "private_key_pem")
	})
}

// pinsInTwoStates: the team of the data planes owns the pin; the other team owns
// the uploads and the control plane, and applies when it comes to it. A data plane
// trusts the control plane's root, which has its own rotation.
func pinsInTwoStates(f *fleet, late bool) {
	pin := f.uploaded("mtls_pinned_certificate.edge", values{"subject": values{"common_name": "edge"}, "validity": "4380h", "renew_before": "1200h"})
	if late {
		root, _, own := platform(f, false)
		uploads := text(pin, "trust_bundle_pem")
		write(f.nodes, uploads, func(string) (string, string) { return text(own, "chain_pem"), text(own, "private_key_pem") })
		for _, node := range f.nodes {
			if node.running.chain != "" {
				node.trust(f.t) // an upload counts at once, without a restart
			}
		}
		f.rootBundle = text(root, "trust_bundle_pem")
	}
	write(f.planes, f.rootBundle, func(string) (string, string) { return text(pin, "chain_pem"), text(pin, "private_key_pem") })
}

// A twoWayCase is a fleet, and what is rotated in it, one after the other.
type twoWayCase struct {
	name    string
	apply   func(*fleet, bool)
	rotates []string
}

func twoWayCases() []twoWayCase {
	const root, issuing, own, pin = "mtls_control_plane_ca.root", "mtls_control_plane_ca.issuing", "mtls_dataplane_certificate.control_plane", "mtls_pinned_certificate.edge"
	return []twoWayCase{
		{"one state", inOneState, []string{root, issuing, own, root, issuing, root, own, root}},
		{"the intermediate uploaded", withTheIntermediateUploaded, []string{root, issuing, own, issuing, root, issuing}},
		{"two states", inTwoStates, []string{root, issuing, own, root, issuing, root, own, root}},
		{"a pin in two states", pinsInTwoStates, []string{pin, root, pin, own, pin, pin, root, pin}},
	}
}

// rotate pulls one trigger after the other, each when the one before is through.
func (f *fleet) rotate(which []string) {
	f.t.Helper()
	f.live(24 * hour)
	for _, address := range which {
		f.triggers[address]++
		f.live(prepublish + overlap + restarting)
	}
}

func inFull(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("makes thousands of TLS handshakes: not in -short")
	}
}

// TestPrepublicationRefusesNeitherSide: a control plane and data planes that judge
// each other by Kong's rules, and take up what was written when they are restarted,
// one after the other: nobody is refused, by either side.
func TestPrepublicationRefusesNeitherSide(t *testing.T) {
	t.Parallel()
	inFull(t)
	var all twoWayTally
	var mutex sync.Mutex
	all.refusedBy, all.mixed = map[string]int{}, map[string]bool{}
	t.Run("with prepublish", func(t *testing.T) {
		for _, c := range twoWayCases() {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				f := newFleet(t, prepublish.String(), c.apply)
				f.rotate(c.rotates)
				t.Log(f.tally.String())
				if f.tally.first != nil {
					t.Errorf("the first refusal: %v", f.tally.first)
				}
				if f.tally.rotations < len(c.rotates) {
					t.Errorf("%d rotations reached the processes, want %d at least", f.tally.rotations, len(c.rotates))
				}
				mutex.Lock()
				defer mutex.Unlock()
				all.connections += f.tally.connections
				all.handshakes += f.tally.handshakes
				all.rotations += f.tally.rotations
				all.judged += f.tally.judged
				maps.Copy(all.mixed, f.tally.mixed)
				for who, refused := range f.tally.refusedBy {
					all.refusedBy[who] += refused
				}
			})
		}
	})
	t.Logf("in all: %s", all.String())
	if all.rotations < 30 || all.connections < 20_000 || len(all.mixed) < 300 {
		t.Errorf("%d rotations, %d connections in %d states of two processes, want 30, 20,000 and 300 at least", all.rotations, all.connections, len(all.mixed))
	}
}

// TestWithoutPrepublicationBothSidesRefuse is what the test above must be able to
// tell from a good rotation: the same fleets, with everything in one apply.
func TestWithoutPrepublicationBothSidesRefuse(t *testing.T) {
	t.Parallel()
	inFull(t)
	for _, c := range twoWayCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFleet(t, "0s", c.apply)
			f.rotate(c.rotates[:6])
			t.Logf("%s; the first: %v", f.tally.String(), f.tally.first)
			for _, who := range []string{atControlPlane.who, atDataPlane.who} {
				if f.tally.refusedBy[who] == 0 {
					t.Errorf("nobody is refused by %s: this test can no longer tell a good rotation from a bad one", who)
				}
			}
		})
	}
}

// TestSharedModeIsNotHelpedByPrepublication: with cluster_mtls = shared, Kong
// compares what is presented with its own certificate. A connection works where
// both sides have the same one, and only there, whatever a data plane trusts
// first: all that changes is who refuses.
func TestSharedModeIsNotHelpedByPrepublication(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	pin := func(turn string) map[string]tftypes.Value {
		return s.apply("mtls_pinned_certificate.shared", values{
			"subject": values{"common_name": "kong_clustering"}, "dns_names": []string{"kong_clustering"}, "prepublish": "24h", "rotation_triggers": values{"turn": turn},
		})
	}
	before := pin("1")
	waiting := pin("2")
	both := text(waiting, "trust_bundle_pem")
	if generation(waiting) != "1" || strings.Count(both, "BEGIN CERTIFICATE") != 2 {
		t.Fatal("the next certificate does not wait")
	}
	s.now = s.now.Add(24 * hour)
	after := pin("2")
	node := func(of map[string]tftypes.Value, trusted string) kongNode {
		return kongNode{
			files:    map[string]string{"crt": text(of, "certificate_pem"), "key": text(of, "private_key_pem"), "ca": trusted},
			settings: map[string]string{"KONG_CLUSTER_CERT": "crt", "KONG_CLUSTER_CERT_KEY": "key", "KONG_LUA_SSL_TRUSTED_CERTIFICATE": "ca"},
		}
	}
	for _, trustedFirst := range []bool{false, true} {
		refusedBy := map[string]int{}
		for i, controlPlane := range []map[string]tftypes.Value{before, after} {
			for j, dataPlane := range []map[string]tftypes.Value{before, after} {
				trusted := text(dataPlane, "certificate_pem")
				if trustedFirst {
					trusted = both
				}
				own := node(controlPlane, "").identity(t).Leaf
				atPlane, atNode := met(t, node(controlPlane, ""), node(dataPlane, trusted), "kong_clustering", s.now, own.Equal)
				if works := atPlane == nil && atNode == nil; works != (i == j) {
					t.Errorf("trusted first: %t, the control plane has %d, the data plane %d: it works: %t (%v, %v)", trustedFirst, i+1, j+1, works, atPlane, atNode)
				}
				switch {
				case atPlane != nil:
					refusedBy[atDataPlane.who]++
				case atNode != nil:
					refusedBy[atControlPlane.who]++
				}
			}
		}
		t.Logf("trusted first: %t: of four pairs %d are refused by a data plane, %d by the control plane", trustedFirst, refusedBy[atDataPlane.who], refusedBy[atControlPlane.who])
	}
}

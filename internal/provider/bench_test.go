package provider

import (
	"fmt"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// The names that the benchmarks give to Terraform's types.
const (
	kindCA    = "mtls_control_plane_ca"
	kindLeaf  = "mtls_dataplane_certificate"
	kindSet   = "mtls_dataplane_certificate_set"
	kindChain = "data.mtls_chain_validation"
)

// unlistened silences the framework's traces as the command does where nobody
// listens.
func unlistened(tb testing.TB) {
	tb.Helper()
	for _, name := range []string{"TF_LOG_SDK", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_SDK_PROTO"} {
		tb.Setenv(name, "off")
	}
}

// fleet is a root, an intermediate below it, and the intermediate as issuer.
type fleet struct {
	*protocol
	clock  *stepClock
	issuer written
	rootCA tftypes.Value
}

func newFleet(tb testing.TB) *fleet {
	tb.Helper()
	clock := newStepClock()
	p := newProtocol(tb, clock.Now)
	root := p.create(tb, kindCA, written{"subject": written{"common_name": "Root"}}, "issuer")
	f := &fleet{protocol: p, clock: clock, rootCA: root}
	f.issuer = f.intermediate(tb, root)
	return f
}

// intermediate issues a CA below root.
func (f *fleet) intermediate(tb testing.TB, root tftypes.Value) written {
	tb.Helper()
	return asIssuer(tb, f.create(tb, kindCA, written{"subject": written{"common_name": "Issuing"}, "issuer": asIssuer(tb, root)}, "issuer"))
}

func asIssuer(tb testing.TB, ca tftypes.Value) written {
	tb.Helper()
	return written{
		"certificate_pem": text(tb, ca, "certificate_pem"),
		"chain_pem":       text(tb, ca, "chain_pem"),
		"private_key_pem": text(tb, ca, "private_key_pem"),
	}
}

// text reads one string of an object.
func text(tb testing.TB, object tftypes.Value, attribute string) string {
	tb.Helper()
	var value string
	if err := attributes(tb, object)[attribute].As(&value); err != nil {
		tb.Fatal(err)
	}
	return value
}

// leaf is the configuration of one data plane's certificate.
func (f *fleet) leaf(name string) written {
	return written{
		"issuer":    f.issuer,
		"subject":   written{"common_name": name},
		"dns_names": []string{name + ".dp.example.com"},
	}
}

// set is the configuration of a set of so many nodes.
func (f *fleet) set(size int) written {
	nodes := written{}
	for i := range size {
		name := fmt.Sprintf("edge-%05d", i)
		nodes[name] = written{"common_name": name, "dns_names": []string{name + ".dp.example.com"}}
	}
	return written{"issuer": f.issuer, "validity": "2160h", "certificates": nodes}
}

func BenchmarkLeaf(b *testing.B) {
	unlistened(b)
	f := newFleet(b)
	config := f.leaf("edge-1")
	f.benchLife(b, kindLeaf, config)
}

func BenchmarkSet(b *testing.B) {
	unlistened(b)
	f := newFleet(b)
	for _, size := range []int{100, 500, 1000} {
		b.Run(fmt.Sprintf("nodes=%d", size), func(b *testing.B) { f.benchLife(b, kindSet, f.set(size)) })
	}
}

// benchLife measures each call that Terraform makes in a resource's life.
func (f *fleet) benchLife(b *testing.B, kind string, config written) {
	b.Helper()
	state := f.create(b, kind, config, "issuer")
	private := f.private[kind]
	fresh := f.plan(b, kind, f.none(kind), config, "issuer")
	run := func(name string, call func()) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				call()
			}
		})
	}
	run("validate", func() { f.validate(b, kind, config) })
	run("plan-new", func() { f.plan(b, kind, f.none(kind), config, "issuer") })
	run("apply-new", func() { f.apply(b.Context(), b, kind, fresh) })
	f.private[kind] = private // of state, not of what was just applied
	run("plan-same", func() { f.plan(b, kind, state, config, "issuer") })
	run("read", func() { f.refresh(b, kind, state) })
}

// BenchmarkSchema is what each start of the provider costs Terraform.
func BenchmarkSchema(b *testing.B) {
	unlistened(b)
	b.ReportAllocs()
	for b.Loop() {
		newProtocol(b, time.Now)
	}
}

// BenchmarkChainValidation is the read of one verdict, as each plan makes it.
func BenchmarkChainValidation(b *testing.B) {
	unlistened(b)
	f := newFleet(b)
	leaf := f.create(b, kindLeaf, f.leaf("edge-1"), "issuer")
	kind := f.kinds[kindChain]
	config := dynamic(b, kind, valueOf(kind, written{
		"trust_anchors_pem":   []string{text(b, f.rootCA, "certificate_pem")},
		"presented_chain_pem": text(b, leaf, "chain_pem"),
	}))
	b.ReportAllocs()
	for b.Loop() {
		answer, err := f.server.ReadDataSource(b.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: "mtls_chain_validation", Config: config})
		if err != nil || len(errorsOf(answer.Diagnostics)) > 0 {
			b.Fatal(err, answer.Diagnostics)
		}
	}
}

//go:build unix

package provider

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	encodingpem "encoding/pem"
	"fmt"
	"math/big"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// BenchmarkHostile gives every function, and arguments of resources, what nobody
// writes: of one part, of two and of four, together 10 MB of PEM where it is PEM.
// It reports what the four parts take, and how that grew: 4 is linear.
//
//	go test ./internal/provider -run '^$' -bench Hostile -benchtime 1x
func BenchmarkHostile(b *testing.B) {
	unlistened(b)
	p := newProtocol(b, pkitest.Now)
	for name, call := range hostileCalls(b, p) {
		b.Run(name, func(b *testing.B) {
			var times, peaks []float64
			for _, quarter := range []int{1, 2, 4} {
				run := call(b, quarter)
				for range b.N {
					seconds, peak := measured(run)
					times, peaks = append(times, seconds), append(peaks, peak)
				}
			}
			last := len(times) - 1
			b.ReportMetric(times[last]*1000, "ms/4parts")
			b.ReportMetric(peaks[last], "peak-MiB/4parts")
			b.ReportMetric(times[last]/max(times[0], 1e-6), "time-growth")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// measured runs a function: its seconds of processor time, and the most memory that was in use, in
// MiB, as far as a look every few milliseconds shows it.
func measured(run func()) (seconds, peak float64) {
	runtime.GC()
	var most atomic.Uint64
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			var now runtime.MemStats
			runtime.ReadMemStats(&now)
			most.Store(max(most.Load(), now.HeapInuse))
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	before := processorTime()
	run()
	seconds = (processorTime() - before).Seconds()
	close(stop)
	<-stopped
	return seconds, float64(most.Load()) / (1 << 20)
}

// processorTime is what the process has used, of all processors.
func processorTime() time.Duration {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// A hostileCall makes ready a call with so many quarters of what is the most.
type hostileCall func(b *testing.B, quarters int) func()

func hostileCalls(b *testing.B, p *protocol) map[string]hostileCall {
	b.Helper()
	const quarter = 2_500_000 // bytes of PEM
	small := smallCertificates(b, 4*quarter)
	part := func(quarters int) string { return strings.Join(small[:len(small)*quarters/4], "") }
	namesakes := rsaNamesakes(b, 2000)
	mesh := crossSigned(b, 60)
	leaf := mesh[0]
	function := func(name string, arguments func(quarters int) []tftypes.Value) hostileCall {
		return func(b *testing.B, quarters int) func() {
			b.Helper()
			given := arguments(quarters)
			return func() {
				if _, refused := p.call(b, name, given...); refused != nil && quarters == 4 {
					b.Logf("refused: %.300s", refused.Text)
				}
			}
		}
	}
	text := func(value string) tftypes.Value { return tftypes.NewValue(tftypes.String, value) }
	list := func(values ...string) tftypes.Value {
		elements := make([]tftypes.Value, len(values))
		for i, value := range values {
			elements[i] = text(value)
		}
		return tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, elements)
	}
	options := tftypes.NewValue(tftypes.Object{AttributeTypes: map[string]tftypes.Type{"at": tftypes.String}}, map[string]tftypes.Value{"at": text("2030-06-15T12:00:00Z")})
	one := func(maker func(count int) []byte) func(quarters int) string {
		return func(quarters int) string { return pemText("CERTIFICATE", maker(quarters*quarter*3/4/24)) }
	}
	named, levels := one(func(count int) []byte { return certificateOfNames(b, count) }), one(func(count int) []byte { return certificateOfLevels(b, count) })
	calls := map[string]hostileCall{}
	for name, given := range map[string]func(quarters int) string{"small": part, "names": named, "levels": levels} {
		calls["parse_certificates/"+name] = function("parse_certificates", func(q int) []tftypes.Value { return []tftypes.Value{text(given(q))} })
		calls["fingerprint_sha256/"+name] = function("fingerprint_sha256", func(q int) []tftypes.Value { return []tftypes.Value{text(given(q))} })
		calls["build_chain/"+name] = function("build_chain", func(q int) []tftypes.Value { return []tftypes.Value{text(leaf), text(given(q))} })
		calls["validate_chain/presented/"+name] = function("validate_chain", func(q int) []tftypes.Value { return []tftypes.Value{list(leaf), text(given(q)), options} })
		calls["validate_chain/anchors/"+name] = function("validate_chain", func(q int) []tftypes.Value { return []tftypes.Value{list(given(q)), text(leaf), options} })
	}
	for name, pool := range map[string][]string{"namesakes": namesakes, "mesh": mesh} {
		given := func(q int) string { return strings.Join(pool[1:len(pool)*q/4], "") }
		calls["build_chain/"+name] = function("build_chain", func(q int) []tftypes.Value { return []tftypes.Value{text(pool[0]), text(given(q))} })
		calls["validate_chain/presented/"+name] = function("validate_chain", func(q int) []tftypes.Value {
			return []tftypes.Value{list(small[0]), text(pool[0] + given(q)), options}
		})
	}
	return calls
}

func pemText(label string, der []byte) string {
	return string(encodingpem.EncodeToMemory(&encodingpem.Block{Type: label, Bytes: der}))
}

// smallCertificates are certificates as PEM, each of its own name, of so many
// bytes together.
func smallCertificates(tb testing.TB, size int) []string {
	tb.Helper()
	var texts []string
	for i := 0; size > 0; i++ {
		text := pemText("CERTIFICATE", made(tb, &x509.Certificate{Subject: pkix.Name{CommonName: fmt.Sprint(i)}}, nil))
		texts, size = append(texts, text), size-len(text)
	}
	return texts
}

// made signs a template, with the name of issuer; nil: with its own.
func made(tb testing.TB, template *x509.Certificate, issuer *pkix.Name) []byte {
	tb.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	parent := template
	if issuer != nil {
		parent = &x509.Certificate{Subject: *issuer}
	}
	template.SerialNumber, template.NotBefore, template.NotAfter = big.NewInt(1), pkitest.Now(), pkitest.Now().AddDate(1, 0, 0)
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, private)
	if err != nil {
		tb.Fatal(err)
	}
	return der
}

func certificateOfNames(tb testing.TB, count int) []byte {
	tb.Helper()
	template := &x509.Certificate{Subject: pkix.Name{CommonName: "edge"}}
	for i := range count {
		template.DNSNames = append(template.DNSNames, fmt.Sprintf("n%07d.example", i))
	}
	return made(tb, template, nil)
}

func certificateOfLevels(tb testing.TB, count int) []byte {
	tb.Helper()
	template := &x509.Certificate{}
	for i := range count {
		template.Subject.ExtraNames = append(template.Subject.ExtraNames,
			pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{2, 5, 4, 11}, Value: fmt.Sprintf("n%07d.example", i)})
	}
	return made(tb, template, nil)
}

// rsaNamesakes are a leaf and so many CAs of its issuer's name, each with another
// RSA key of 16384 bits, none of which signed it.
func rsaNamesakes(tb testing.TB, count int) []string {
	tb.Helper()
	_, signer, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		tb.Fatal(err)
	}
	sign := func(template *x509.Certificate, public any, by any) string {
		template.SerialNumber, template.NotBefore, template.NotAfter = big.NewInt(1), pkitest.Now(), pkitest.Now().AddDate(1, 0, 0)
		der, err := x509.CreateCertificate(rand.Reader, template, &x509.Certificate{Subject: pkix.Name{CommonName: "ca"}}, public, by)
		if err != nil {
			tb.Fatal(err)
		}
		return pemText("CERTIFICATE", der)
	}
	texts := []string{sign(&x509.Certificate{Subject: pkix.Name{CommonName: "edge"}}, &key.PublicKey, key)}
	modulus := new(big.Int).Lsh(big.NewInt(1), 16383)
	for i := range count {
		public := &rsa.PublicKey{N: new(big.Int).Add(modulus, big.NewInt(int64(2*i+1))), E: 1<<31 - 1}
		texts = append(texts, sign(&x509.Certificate{Subject: pkix.Name{CommonName: "ca"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, public, signer))
	}
	return texts
}

// crossSigned are a leaf and CAs that all signed each other.
func crossSigned(tb testing.TB, count int) []string {
	tb.Helper()
	var drawing strings.Builder
	drawing.WriteString("edge <- ca0\n")
	var settings []pkitest.Setting
	names := []string{"edge"}
	for subject := range count {
		for issuer := range count {
			if subject != issuer {
				name := fmt.Sprintf("ca%d~%d", subject, issuer)
				fmt.Fprintf(&drawing, "%s <- ca%d\n", name, issuer)
				settings = append(settings, pkitest.With(name, pkitest.SameKeyAs(fmt.Sprintf("ca%d", subject))))
				names = append(names, name)
			}
		}
	}
	graph := pkitest.Build(tb, drawing.String(), settings...)
	var texts []string
	for _, name := range names {
		texts = append(texts, graph.PEM(name))
	}
	return texts
}

// call calls a function of the provider.
func (p *protocol) call(tb testing.TB, name string, arguments ...tftypes.Value) (*tfprotov6.DynamicValue, *tfprotov6.FunctionError) {
	tb.Helper()
	given := make([]*tfprotov6.DynamicValue, len(arguments))
	for i, argument := range arguments {
		kind := argument.Type()
		if kind.Is(tftypes.Object{}) {
			kind = tftypes.DynamicPseudoType
		}
		value, err := tfprotov6.NewDynamicValue(kind, argument)
		if err != nil {
			tb.Fatal(err)
		}
		given[i] = &value
	}
	answer, err := p.server.CallFunction(tb.Context(), &tfprotov6.CallFunctionRequest{Name: name, Arguments: given})
	if err != nil {
		tb.Fatal(err)
	}
	return answer.Result, answer.Error
}

package provider

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// What a plan takes, and warns of.
func TestPlanWarns(t *testing.T) {
	t.Parallel()
	const ca, pin, leaf, set = "mtls_control_plane_ca", "mtls_pinned_certificate", "mtls_dataplane_certificate", "mtls_dataplane_certificate_set"
	graph := pkitest.Build(t, `
		edge   <- issuing <- root
		server <- issuing
		future <- short-lived-ca
		weak
		bare
		future-ca
		openssl-req-x509`,
		pkitest.With("short-lived-ca", pkitest.EndsIn(100*time.Hour)),
		pkitest.With("server", pkitest.Purposes(x509.ExtKeyUsageServerAuth)),
		pkitest.With("future", pkitest.StartsIn(time.Hour)),
		pkitest.With("future-ca", pkitest.CA(true), pkitest.KeyUsage(x509.KeyUsageCertSign), pkitest.Purposes(), pkitest.StartsIn(time.Hour)),
		pkitest.With("weak", pkitest.Algorithm(pkitest.RSA1024)),
		pkitest.With("bare", pkitest.Version1()),
		pkitest.With("openssl-req-x509", pkitest.CA(true), pkitest.KeyUsage(0), pkitest.Purposes()),
	)
	provided := func(name string) written { return written{"certificate_pem": graph.PEM(name)} }
	below := func(name string) written {
		return written{
			"subject": written{"common_name": "edge"},
			"issuer":  written{"certificate_pem": graph.PEM(name), "private_key_pem": keyPEM(t, graph.Key(name))},
		}
	}
	anHourBeyond := below("issuing")
	anHourBeyond["validity"] = (graph.Certificate("issuing").NotAfter.Sub(pkitest.Now()) + time.Hour).String()
	fleet := written{
		"certificates": written{"fra-1": written{"common_name": "fra-1"}, "fra-2": written{"common_name": "fra-2"}},
		"issuer":       below("short-lived-ca")["issuer"],
	}
	protocol := newProtocol(t, pkitest.Now)
	var texts bytes.Buffer
	for _, row := range []struct {
		name, kind string
		config     written
		tells      []string
	}{
		{"nothing to warn of", pin, provided("edge"), nil},
		{"pin that is a CA", pin, provided("openssl-req-x509"), []string{"certificate_pem: Certificate is also a CA"}},
		{"pin without extensions", pin, provided("bare"), []string{"certificate_pem: Certificate is X.509 v1"}},
		{"pin for servers alone", pin, provided("server"), []string{"certificate_pem: Not valid for client authentication"}},
		{"pin with a weak key", pin, provided("weak"), []string{"certificate_pem: Key too weak"}},
		{"pin of tomorrow", pin, provided("future"), []string{"certificate_pem: Certificate is not yet valid"}},
		{"CA of tomorrow", ca, provided("future-ca"), []string{"certificate_pem: Certificate is not yet valid"}},
		{"leaf that is a CA", leaf, provided("issuing"), []string{"certificate_pem: Certificate is also a CA"}},
		{"leaf for servers alone", leaf, provided("server"), []string{"certificate_pem: Not valid for client authentication"}},
		{"leaf beyond its issuer", leaf, below("short-lived-ca"), []string{"validity: Validity limited by issuer"}},
		{"intermediate beyond its issuer", ca, below("short-lived-ca"), []string{"validity: Validity limited by issuer"}},
		{"leaf within its issuer", leaf, below("issuing"), nil},
		{"intermediate an hour beyond its issuer", ca, anHourBeyond, nil},
		{"set beyond its issuer", set, fleet, []string{"validity: Validity limited by issuer"}},
	} {
		wantSound(t, protocol.validate(t, row.kind, row.config))
		plan := protocol.plan(t, row.kind, protocol.none(row.kind), row.config, "issuer")
		wantSound(t, plan.diagnostics)
		var tells []string
		for _, warning := range plan.diagnostics {
			place := attributeName(warning) + ": " + warning.Summary
			tells = append(tells, place)
			fmt.Fprintf(&texts, "%s\n\t%s\n\t%s\n", row.name, place, digests.ReplaceAllString(warning.Detail, "sha256 ..."))
		}
		t.Run(row.name, func(t *testing.T) {
			if diff := cmp.Diff(row.tells, tells); diff != "" {
				t.Errorf("what is reported (-want +got):\n%s", diff)
			}
		})
	}
	golden(t, texts.Bytes())
}

// attributeName is the attribute that a diagnostic stands on.
func attributeName(diagnostic *tfprotov6.Diagnostic) string {
	if diagnostic.Attribute == nil {
		return ""
	}
	return slices.Collect(func(yield func(string) bool) {
		for _, step := range diagnostic.Attribute.Steps() {
			if !yield(fmt.Sprint(step)) {
				return
			}
		}
	})[0]
}

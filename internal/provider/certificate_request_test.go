package provider

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

const theRequest = "mtls_certificate_request.it"

// An office is a CA of somebody else: it signs what is in the state, and puts what it
// has issued into a file, or nothing.
type office struct {
	t        *testing.T
	clock    *stepClock
	ca       *issue.Issuer
	folder   string
	validity time.Duration
	asked    *x509.CertificateRequest // as the last step left it
	key      crypto.Signer
	current  crypto.Signer // that of certificate_private_key_pem
}

func newOffice(t *testing.T, clock *stepClock) *office {
	t.Helper()
	root, err := issue.Issue(t.Context(), issue.Request{Profile: issue.ControlPlaneCA, Subject: pkix.Name{CommonName: "Corporate"}}, nil, clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return &office{t: t, clock: clock, ca: &issue.Issuer{Certificate: root.Certificate, Key: root.Key}, folder: t.TempDir(), validity: 2160 * time.Hour}
}

// file is the path of what came back, as HCL.
func (o *office) file() string { return filepath.Join(o.folder, "answer.pem") }

// reads takes the CSR and the keys out of the state.
func (o *office) reads() stateCheck {
	return func(state attributesByAddress) error {
		text, _ := state[theRequest]["csr_pem"].(string)
		csr, err := pki.ParseCSR(text)
		if err != nil {
			return err
		}
		if err := csr.CheckSignature(); err != nil {
			return err
		}
		if got := state[theRequest]["spki_sha256"]; got != pki.SPKISHA256Of(csr.PublicKey) {
			return fmt.Errorf("spki_sha256 is %v, and not that of csr_pem", got)
		}
		o.asked, o.key, o.current = csr, nil, nil
		for name, into := range map[string]*crypto.Signer{"private_key_pem": &o.key, "certificate_private_key_pem": &o.current} {
			if text, is := state[theRequest][name].(string); is {
				if *into, err = pki.ParsePrivateKey(text); err != nil {
					return err
				}
			}
		}
		if o.key != nil && !pki.SameKey(o.key.Public(), csr.PublicKey) {
			return fmt.Errorf("private_key_pem is not that of csr_pem")
		}
		return nil
	}
}

// signs answers the CSR as it was read last. change may change the request.
func (o *office) signs(change func(*issue.Request)) func() {
	return func() {
		o.t.Helper()
		request := issue.Request{Profile: issue.DataplaneCertificate, CSR: o.asked, Validity: o.validity}
		if change != nil {
			change(&request)
		}
		issued, err := issue.Issue(o.t.Context(), request, o.ca, o.clock.Now())
		if err != nil {
			o.t.Fatal(err)
		}
		o.puts(pki.EncodeCertificates(issued.Certificate))
	}
}

func (o *office) puts(text string) {
	o.t.Helper()
	if err := os.WriteFile(o.file(), []byte(text), 0o600); err != nil {
		o.t.Fatal(err)
	}
}

// config is a request whose certificate is read from the office's file once it is
// there: the two steps of a CA that answers by e-mail.
func (o *office) config(arguments string) string {
	return fmt.Sprintf(`
resource "mtls_certificate_request" "it" {
  certificate_pem = fileexists(%[1]q) ? file(%[1]q) : null
  %[2]s
}
`, o.file(), arguments)
}

func generationIs(number int64) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(theRequest, tfjsonpath.New("generation"), knownvalue.Int64Exact(number))
}

// A request asks for exactly what is configured: every kind of name, the purposes, and
// of a CA its rights.
func TestCertificateRequestAsks(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		arguments string
		want      func(*x509.Certificate, *x509.CertificateRequest) error
	}{
		"leaf": {`
  subject         = { common_name = "edge", organization = "Acme" }
  dns_names       = ["edge.example.com", "*.dp.example.com"]
  ip_addresses    = ["10.0.0.1", "2001:db8::1"]
  uris            = ["spiffe://example.com/edge"]
  email_addresses = ["ops@example.com"]
  key_algorithm   = "ECDSA-P384"`, func(c *x509.Certificate, csr *x509.CertificateRequest) error {
			got := fmt.Sprintf("%s %v %v %v %v %s %v", c.Subject, c.DNSNames, c.IPAddresses, c.URIs, c.EmailAddresses, pki.AlgorithmOf(csr.PublicKey), c.IsCA)
			if want := "CN=edge,O=Acme [edge.example.com *.dp.example.com] [10.0.0.1 2001:db8::1] [spiffe://example.com/edge] [ops@example.com] ECDSA-P384 false"; got != want {
				return fmt.Errorf("got %s, want %s", got, want)
			}
			return nil
		}},
		"pin": {`
  subject             = { common_name = "edge" }
  extended_key_usages = ["client_auth", "server_auth"]`, func(_ *x509.Certificate, csr *x509.CertificateRequest) error {
			if !asksFor(csr, "2.5.29.37", "06082b06010505070301") || !asksFor(csr, "2.5.29.37", "06082b06010505070302") {
				return fmt.Errorf("it does not ask for both purposes")
			}
			return nil
		}},
		"alternative names only": {`dns_names = ["edge.example.com"]`, func(c *x509.Certificate, _ *x509.CertificateRequest) error {
			if len(c.DNSNames) != 1 || len(c.Subject.Names) != 0 {
				return fmt.Errorf("got %v %v", c.DNSNames, c.Subject)
			}
			return nil
		}},
		"ca": {`
  subject          = { common_name = "Issuing" }
  ca               = true
  max_path_length  = 0
  name_constraints = { permitted_dns_domains = ["example.com"] }`, func(_ *x509.Certificate, csr *x509.CertificateRequest) error {
			// CA:TRUE, path length 0; keyCertSign and cRLSign; the domain.
			for oid, der := range map[string]string{"2.5.29.19": "30060101ff020100", "2.5.29.15": "03020106", "2.5.29.30": "820b6578616d706c652e636f6d"} {
				if !asksFor(csr, oid, der) {
					return fmt.Errorf("it does not ask for %s %s", oid, der)
				}
			}
			return nil
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, newStepClock())
			terraform(t, o.clock.Now,
				resource.TestStep{Config: o.config(row.arguments), ConfigStateChecks: []statecheck.StateCheck{o.reads(), generationIs(1), stateCheck(func(attributesByAddress) error {
					c := &x509.Certificate{Subject: o.asked.Subject, DNSNames: o.asked.DNSNames, IPAddresses: o.asked.IPAddresses, URIs: o.asked.URIs, EmailAddresses: o.asked.EmailAddresses}
					return row.want(c, o.asked)
				})}},
				resource.TestStep{Config: o.config(row.arguments), PlanOnly: true},
			)
			path := filepath.Join(t.TempDir(), "csr.pem")
			if err := os.WriteFile(path, []byte(pki.EncodeCSR(o.asked)), 0o600); err != nil {
				t.Fatal(err)
			}
			openssl(t, filepath.Dir(path), "req -verify -noout -in csr.pem")
		})
	}
}

// asksFor reports whether a CSR has an extension with some DER in it, in hex.
func asksFor(csr *x509.CertificateRequest, oid, der string) bool {
	for _, extension := range csr.Extensions {
		if extension.Id.String() == oid && strings.Contains(fmt.Sprintf("%x", extension.Value), der) {
			return true
		}
	}
	return false
}

// The two steps of a CA that signs by e-mail, and its renewal by the end of what it
// signed: until the CA has answered the new request, the certificate before is
// presented with its key.
func TestCertificateRequestInTwoSteps(t *testing.T) {
	t.Parallel()
	o := newOffice(t, newStepClock())
	arguments := `
  subject      = { common_name = "edge" }
  dns_names    = ["edge.example.com"]
  renew_before = "720h"`
	config := o.config(arguments) + `
resource "mtls_dataplane_certificate" "edge" {
  count           = mtls_certificate_request.it.certificate_pem == null ? 0 : 1
  certificate_pem = mtls_certificate_request.it.certificate_pem
  private_key_pem = mtls_certificate_request.it.certificate_private_key_pem
}
`
	const leaf = "mtls_dataplane_certificate.edge[0]"
	var first crypto.Signer
	terraform(t, o.clock.Now,
		resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{o.reads(), generationIs(1)}},
		resource.TestStep{PreConfig: o.signs(nil), Config: config, ConfigStateChecks: []statecheck.StateCheck{o.reads(), generationIs(1), holdsItsKey(leaf), stateCheck(func(attributesByAddress) error {
			if first = o.key; !pki.SameKey(o.current.Public(), o.key.Public()) {
				return fmt.Errorf("the certificate's key is not the request's")
			}
			return nil
		})}},
		resource.TestStep{Config: config, PlanOnly: true},
		// Due: a new key and request; the leaf stays with its key.
		resource.TestStep{
			PreConfig: func() { o.clock.Step(o.validity - 719*time.Hour) }, Config: config,
			ConfigStateChecks: []statecheck.StateCheck{o.reads(), generationIs(2), holdsItsKey(leaf), stateCheck(func(attributesByAddress) error {
				if !pki.SameKey(o.current.Public(), first.Public()) || pki.SameKey(o.key.Public(), first.Public()) {
					return fmt.Errorf("the certificate's key is not the one before, or the request's is")
				}
				return nil
			})},
		},
		resource.TestStep{Config: config, PlanOnly: true}, // and waits, without a further one
		resource.TestStep{PreConfig: o.signs(nil), Config: config, ConfigStateChecks: []statecheck.StateCheck{o.reads(), generationIs(2), holdsItsKey(leaf), stateCheck(func(attributesByAddress) error {
			if !pki.SameKey(o.current.Public(), o.key.Public()) {
				return fmt.Errorf("the new certificate's key is not the request's")
			}
			return nil
		})}},
		resource.TestStep{Config: config, PlanOnly: true},
	)
}

// What makes a new request, and what becomes of its key.
func TestCertificateRequestRotates(t *testing.T) {
	t.Parallel()
	const base = `subject = { common_name = "edge" }`
	for name, row := range map[string]struct {
		first, change string
		generation    int64
		sameKey       bool
	}{
		"nothing":               {base, base + "\n  key_algorithm = \"ECDSA-P256\"", 1, true},
		"a trigger":             {base, base + "\n  rotation_triggers = { a = \"b\" }", 2, false},
		"a name":                {base, base + "\n  dns_names = [\"a.example.com\"]", 2, false},
		"a purpose":             {base, base + "\n  extended_key_usages = [\"server_auth\"]", 2, false},
		"a CA":                  {base, base + "\n  ca = true", 2, false},
		"an algorithm":          {base, base + "\n  key_algorithm = \"ED25519\"", 2, false},
		"a trigger, same key":   {base, base + "\n  reuse_key = true\n  rotation_triggers = { a = \"b\" }", 2, true},
		"an algorithm, reusing": {base, base + "\n  reuse_key = true\n  key_algorithm = \"ECDSA-P384\"", 2, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, newStepClock())
			var before crypto.Signer
			terraform(t, o.clock.Now,
				resource.TestStep{Config: o.config(row.first), ConfigStateChecks: []statecheck.StateCheck{o.reads(), stateCheck(func(attributesByAddress) error { before = o.key; return nil })}},
				resource.TestStep{Config: o.config(row.change), ConfigStateChecks: []statecheck.StateCheck{o.reads(), generationIs(row.generation), stateCheck(func(attributesByAddress) error {
					if same := pki.SameKey(before.Public(), o.key.Public()); same != row.sameKey {
						return fmt.Errorf("the same key: %t, want %t", same, row.sameKey)
					}
					return nil
				})}},
				resource.TestStep{Config: o.config(row.change), PlanOnly: true},
			)
		})
	}
}

// Keys that are not in the state: write-only, and held by a program.
func TestCertificateRequestForKeysElsewhere(t *testing.T) {
	t.Parallel()
	h := newHolder(t, pki.ECDSAP256)
	private, err := pki.EncodePrivateKey(h.key)
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]string{
		"write-only": "private_key_pem_wo = <<-EOT\n" + private + "EOT\n",
		"held":       "public_key_pem = <<-EOT\n" + h.public + "EOT\n  signer_command = [" + h.script() + "]\n",
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t, newStepClock())
			config := o.config("subject = { common_name = \"edge\" }\n" + key)
			checks := []statecheck.StateCheck{o.reads(), generationIs(1), noSecret(h), stateCheck(func(state attributesByAddress) error {
				if o.key != nil || o.current != nil || !pki.SameKey(o.asked.PublicKey, h.key.Public()) {
					return fmt.Errorf("the request is for another key, or a key is in the state")
				}
				return nil
			})}
			terraform(t, o.clock.Now,
				resource.TestStep{Config: config, ConfigStateChecks: checks},
				resource.TestStep{Config: config, PlanOnly: true},
				resource.TestStep{PreConfig: o.signs(nil), Config: config, ConfigStateChecks: checks},
				// A new request would be the same: the plan only warns.
				resource.TestStep{PreConfig: func() { o.clock.Step(o.validity - time.Hour) }, Config: config, ConfigStateChecks: append(checks,
					statecheck.ExpectKnownValue(theRequest, tfjsonpath.New("renewal_due"), knownvalue.Bool(true)))},
			)
		})
	}
}

// What comes back is held against the request, at plan.
func TestCertificateRequestRefusesAnswers(t *testing.T) {
	t.Parallel()
	const leaf = `
  subject   = { common_name = "edge" }
  dns_names = ["edge.example.com", "other.example.com"]`
	for name, row := range map[string]struct {
		arguments string
		answer    func(*office)
		want      string
	}{
		"another key": {leaf, func(o *office) {
			o.signs(func(r *issue.Request) { r.CSR, r.Subject = nil, pkix.Name{CommonName: "edge"} })()
		}, `Certificate for another key`},
		"a name less": {leaf, func(o *office) { o.signs(func(r *issue.Request) { r.DNSNames = []string{"edge.example.com"} })() }, `(?s)Name is missing.*other\.example\.com`},
		"another usage": {leaf, func(o *office) {
			o.signs(func(r *issue.Request) { r.ExtendedKeyUsages = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} })()
		}, `Purpose is missing`},
		"not a CA": {`subject = { common_name = "edge" }` + "\n  ca = true", func(o *office) { o.signsForKey(issue.DataplaneCertificate, nil) }, `Not a CA certificate`},
		"a CA":     {leaf, func(o *office) { o.signsForKey(issue.ControlPlaneCA, nil) }, `Certificate is also a CA`},
		"path length": {`subject = { common_name = "edge" }` + "\n  ca = true\n  max_path_length = 2", func(o *office) {
			one := 1
			o.signsForKey(issue.ControlPlaneCA, &one)
		}, `Path length is shorter`},
		"its chain": {leaf, func(o *office) {
			o.signs(nil)()
			text, err := os.ReadFile(o.file())
			if err != nil {
				o.t.Fatal(err)
			}
			o.puts(string(text) + string(text))
		}, `Chain is broken`},
		"expired":  {leaf, func(o *office) { o.signs(nil)(); o.clock.Step(o.validity + time.Hour) }, `Certificate has expired`},
		"no PEM":   {leaf, func(o *office) { o.puts("Dear colleague,") }, `Unreadable certificate`},
		"the CSR":  {leaf, func(o *office) { o.puts(pki.EncodeCSR(o.asked)) }, `Unreadable certificate`},
		"the root": {leaf, func(o *office) { o.puts(pki.EncodeCertificates(o.ca.Certificate)) }, `Certificate for another key`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, newStepClock())
			terraform(t, o.clock.Now,
				resource.TestStep{Config: o.config(row.arguments), ConfigStateChecks: []statecheck.StateCheck{o.reads()}},
				resource.TestStep{PreConfig: func() { row.answer(o) }, Config: o.config(row.arguments), PlanOnly: true, ExpectError: regexp.MustCompile(row.want)},
				resource.TestStep{PreConfig: func() { _ = os.Remove(o.file()) }, Config: o.config(row.arguments)},
			)
		})
	}
}

// signsForKey issues for the key of the request, as another profile.
func (o *office) signsForKey(profile issue.Profile, pathLength *int) {
	o.t.Helper()
	request := issue.Request{Profile: profile, Subject: pkix.Name{CommonName: "edge"}, DNSNames: o.asked.DNSNames, Key: o.key, MaxPathLength: pathLength}
	if profile == issue.ControlPlaneCA {
		request.DNSNames = nil
	}
	issued, err := issue.Issue(o.t.Context(), request, o.ca, o.clock.Now())
	if err != nil {
		o.t.Fatal(err)
	}
	o.puts(pki.EncodeCertificates(issued.Certificate))
}

// What can be known to be wrong is an error at plan, on its attribute.
func TestCertificateRequestBadInput(t *testing.T) {
	t.Parallel()
	o := newOffice(t, newStepClock())
	o.puts(pki.EncodeCertificates(o.ca.Certificate))
	for name, row := range map[string]struct{ arguments, want string }{
		"no name":              {`key_algorithm = "ED25519"`, `(?i)at least one|Missing Attribute`},
		"a bad name":           {`dns_names = ["a b"]`, `Invalid name`},
		"a CA without":         {"dns_names = [\"a.example\"]\n  ca = true", `Subject missing`},
		"path length":          {"subject = { common_name = \"a\" }\n  max_path_length = 1", `Path length of an end entity|ca`},
		"constraints":          {"subject = { common_name = \"a\" }\n  name_constraints = { permitted_dns_domains = [\"a\"] }", `Name constraints of an end entity`},
		"names of a CA":        {"subject = { common_name = \"a\" }\n  ca = true\n  extended_key_usages = [\"client_auth\"]", `Purposes of a CA`},
		"certificate too soon": {"subject = { common_name = \"a\" }", `Certificate without a request`},
		"command only":         {"subject = { common_name = \"a\" }\n  signer_command = [\"x\"]", `Signer command without a public key`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := fmt.Sprintf("resource \"mtls_certificate_request\" \"it\" {\n  %s\n}", row.arguments)
			if name == "certificate too soon" {
				config = o.config(row.arguments)
			}
			terraform(t, o.clock.Now, resource.TestStep{Config: config, PlanOnly: true, ExpectError: regexp.MustCompile(row.want)})
		})
	}
}

// Unknown at plan: no promise, and no key.
func TestCertificateRequestUnknown(t *testing.T) {
	t.Parallel()
	config := `
resource "terraform_data" "name" { input = "edge" }
resource "mtls_certificate_request" "it" {
  subject           = { common_name = terraform_data.name.output }
  rotation_triggers = { name = terraform_data.name.output }
}`
	terraform(t, newStepClock().Now,
		resource.TestStep{Config: config, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectUnknownValue(theRequest, tfjsonpath.New("csr_pem")), plancheck.ExpectKnownValue(theRequest, tfjsonpath.New("generation"), knownvalue.Int64Exact(1)),
		}}},
		resource.TestStep{Config: config, PlanOnly: true},
		resource.TestStep{
			Config: strings.Replace(config, `"edge"`, `"edge-2"`, 1), ConfigStateChecks: []statecheck.StateCheck{generationIs(2)},
		},
	)
}

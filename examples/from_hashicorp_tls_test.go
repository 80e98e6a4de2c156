package examples

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// A tlsFleet is what hashicorp/tls has made: a root with an RSA key and fifty leaves,
// each with its own key.
type tlsFleet struct {
	root    *x509.Certificate
	rootKey *rsa.PrivateKey
	leaves  map[string]*x509.Certificate
	keys    map[string]crypto.Signer
}

const tlsFleetSize = 50

func newTLSFleet(t *testing.T) *tlsFleet {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	f := &tlsFleet{rootKey: key, leaves: map[string]*x509.Certificate{}, keys: map[string]crypto.Signer{}}
	f.root = f.sign(t, "corporate-ca", key.Public(), func(c *x509.Certificate) {
		c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
	})
	for i := range tlsFleetSize {
		name := fmt.Sprintf("edge-%d", i+1)
		f.keys[name] = newKey(t)
		f.leaves[name] = f.sign(t, name, f.keys[name].Public(), func(c *x509.Certificate) {
			c.KeyUsage, c.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
		})
	}
	return f
}

// sign makes a certificate as hashicorp/tls 4 does: internal/provider/common_cert.go
// there. Its key identifiers are SHA-1, which the provider does not make.
func (f *tlsFleet) sign(t *testing.T, name string, public crypto.PublicKey, shape func(*x509.Certificate)) *x509.Certificate {
	t.Helper()
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 128))
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	id := sha1.Sum(der)
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name, Organization: []string{"Acme"}},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(8760 * time.Hour), BasicConstraintsValid: true, SubjectKeyId: id[:],
	}
	shape(template)
	parent := f.root
	if parent == nil {
		parent = template
	}
	der, err = x509.CreateCertificate(rand.Reader, template, parent, public, f.rootKey)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

// state is a state in the form that hashicorp/tls 4 writes, with every attribute of
// its schemas: the private keys in PKCS#1 and SEC 1, and no key beside a locally
// signed certificate.
func (f *tlsFleet) state(t *testing.T) string {
	t.Helper()
	instance := func(key any, version int, attributes map[string]any) map[string]any {
		one := map[string]any{"schema_version": version, "attributes": attributes, "sensitive_attributes": []any{}}
		if key != nil {
			one["index_key"] = key
		}
		return one
	}
	resource := func(kind, name string, instances ...any) map[string]any {
		return map[string]any{"mode": "managed", "type": kind, "name": name, "provider": `provider["registry.terraform.io/hashicorp/tls"]`, "instances": instances}
	}
	certificate := func(c *x509.Certificate, more map[string]any) map[string]any {
		all := map[string]any{
			"id": c.SerialNumber.String(), "cert_pem": pki.EncodeCertificates(c), "allowed_uses": []string{"client_auth"}, "early_renewal_hours": 0, "ready_for_renewal": false,
			"is_ca_certificate": c.IsCA, "set_subject_key_id": true, "validity_period_hours": 8760,
			"validity_start_time": c.NotBefore.Format(time.RFC3339), "validity_end_time": c.NotAfter.Format(time.RFC3339), "max_path_length": nil,
		}
		maps.Copy(all, more)
		return all
	}
	subject := func(c *x509.Certificate) []any {
		return []any{map[string]any{
			"common_name": c.Subject.CommonName, "organization": "Acme", "country": nil, "email_address": nil, "locality": nil,
			"organizational_unit": nil, "postal_code": nil, "province": nil, "serial_number": nil, "street_address": nil,
		}}
	}
	rootKey := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(f.rootKey)}))
	private := func(text string, key crypto.Signer, algorithm string) map[string]any {
		public, err := pki.EncodePublicKey(key.Public())
		if err != nil {
			t.Fatal(err)
		}
		return map[string]any{
			"id": pki.SPKISHA256Of(key.Public()), "algorithm": algorithm, "ecdsa_curve": "P256", "rsa_bits": 2048, "private_key_pem": text, "private_key_pem_pkcs8": encodedKey(t, key),
			"private_key_openssh": "", "public_key_pem": public, "public_key_openssh": "", "public_key_fingerprint_md5": "", "public_key_fingerprint_sha256": "",
		}
	}
	var keys, requests, leaves []any
	for i := range tlsFleetSize {
		name := fmt.Sprintf("edge-%d", i+1)
		ec, err := x509.MarshalECPrivateKey(f.keys[name].(*ecdsa.PrivateKey))
		if err != nil {
			t.Fatal(err)
		}
		text := string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: ec}))
		keys = append(keys, instance(name, 1, private(text, f.keys[name], "ECDSA")))
		requests = append(requests, instance(name, 0, map[string]any{
			"id": name, "cert_request_pem": "", "key_algorithm": "ECDSA", "private_key_pem": text, "dns_names": nil, "ip_addresses": nil, "uris": nil, "subject": subject(f.leaves[name]),
		}))
		leaves = append(leaves, instance(name, 0, certificate(f.leaves[name], map[string]any{
			"ca_cert_pem": pki.EncodeCertificates(f.root), "ca_key_algorithm": "RSA", "ca_private_key_pem": rootKey, "cert_request_pem": "",
		})))
	}
	text, err := json.Marshal(map[string]any{
		"version": 4, "terraform_version": "1.11.0", "serial": 1, "lineage": "4fdbd3a4-6a0e-4b2c-9d5e-2f6d3a3a8c11", "outputs": map[string]any{},
		"resources": []any{
			resource("tls_private_key", "root", instance(nil, 1, private(rootKey, f.rootKey, "RSA"))),
			resource("tls_self_signed_cert", "root", instance(nil, 0, certificate(f.root, map[string]any{
				"key_algorithm": "RSA", "private_key_pem": rootKey, "set_authority_key_id": true, "dns_names": nil, "ip_addresses": nil, "uris": nil, "subject": subject(f.root),
			}))),
			resource("tls_private_key", "edge", keys...), resource("tls_cert_request", "edge", requests...), resource("tls_locally_signed_cert", "edge", leaves...),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// keptIn fails unless every leaf and the root are in the state, byte for byte.
func (f *tlsFleet) keptIn(t *testing.T, w *workspace) {
	t.Helper()
	kept := 0
	for address, values := range w.state(t) {
		text, _ := values["certificate_pem"].(string)
		if strings.HasPrefix(address, "tls_locally_signed_cert") || strings.HasPrefix(address, "tls_cert_request") {
			t.Errorf("%s is still in the state", address)
		}
		if text == "" {
			continue
		}
		certificate, err := pki.ParseCertificate(text)
		if err != nil {
			t.Fatal(err)
		}
		if name, _ := values["name"].(string); !certificate.Equal(f.root) && !certificate.Equal(f.leaves[certificate.Subject.CommonName]) {
			t.Errorf("%s %s is another certificate: %s", address, name, pki.Describe(certificate))
			continue
		}
		kept++
	}
	if kept != tlsFleetSize+1 {
		t.Errorf("%d certificates were kept, want %d", kept, tlsFleetSize+1)
	}
}

// state is the attributes of all resources in the state, by address.
func (w *workspace) state(t *testing.T) map[string]map[string]any {
	t.Helper()
	output, err := w.command(t, w.terraform, "show", "-json").Output()
	if err != nil {
		t.Fatal(err)
	}
	var shown struct {
		Values struct {
			RootModule struct {
				Resources []struct {
					Address string         `json:"address"`
					Values  map[string]any `json:"values"`
				} `json:"resources"`
			} `json:"root_module"`
		} `json:"values"`
	}
	if err := json.Unmarshal(output, &shown); err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]any{}
	for _, one := range shown.Values.RootModule.Resources {
		all[one.Address] = one.Values
	}
	return all
}

// output runs terraform and returns what it writes.
func (w *workspace) output(t *testing.T, arguments ...string) string {
	t.Helper()
	text, err := w.command(t, w.terraform, append(arguments, "-no-color", "-input=false")...).CombinedOutput()
	if err != nil {
		t.Fatalf("terraform %v: %v\n%s", arguments, err, text)
	}
	return string(text)
}

// replace changes a file of the workspace.
func (w *workspace) replace(t *testing.T, name, before, after string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(w.folder, name))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), before) {
		t.Fatalf("%s does not contain %q", name, before)
	}
	w.write(t, name, strings.Replace(string(text), before, after, 1))
}

func (f *tlsFleet) workspace(t *testing.T) *workspace {
	t.Helper()
	w := newWorkspace(t, newMirror(t), filepath.Join("guides", "from-hashicorp-tls"))
	w.write(t, "terraform.tfstate", f.state(t))
	w.run(t, "init")
	return w
}

// The guide's configuration on a state that hashicorp/tls 4 has left: the CA and
// fifty leaves stay what they were, byte for byte, without a warning, and at its next
// rotation the CA's key is RSA again.
func TestFromHashicorpTLS(t *testing.T) {
	t.Parallel()
	f := newTLSFleet(t)
	w := f.workspace(t)
	if output := w.output(t, "apply", "-auto-approve"); strings.Contains(output, "Warning: Certificate") {
		t.Errorf("the walk warns:\n%s", output)
	}
	w.wantEmptyPlan(t)
	f.keptIn(t, w)
	w.replace(t, "main.tf", `# as in the certificate
}

# No longer`, `# as in the certificate
  rotation_triggers = { now = "1" }
}

# No longer`)
	w.run(t, "apply", "-auto-approve")
	text, _ := w.state(t)["mtls_control_plane_ca.root"]["certificate_pem"].(string)
	rotated, err := pki.ParseCertificate(text)
	if err != nil {
		t.Fatal(err)
	}
	if got := pki.AlgorithmOf(rotated.PublicKey); rotated.Equal(f.root) || got != pki.RSA2048 {
		t.Errorf("the rotated CA has a key of %s, want another certificate with RSA-2048", got)
	}
}

// Without the keys the leaves are issued again, and the plan says so, of each.
func TestFromHashicorpTLSWithoutKeys(t *testing.T) {
	t.Parallel()
	w := newTLSFleet(t).workspace(t)
	w.replace(t, "main.tf", "private_key_pem_wo = tls_private_key.edge[each.key].private_key_pem #", "#")
	// Terraform shows a few of warnings that have one summary, and counts the others.
	output := w.output(t, "plan")
	if !strings.Contains(output, "Warning: Certificate is issued again") || !strings.Contains(output, "tls_private_key.NAME.private_key_pem") {
		t.Errorf("the plan does not warn:\n%s", output)
	}
}

// The second way, which takes the keys into the new resources: certificate and key
// first, the subject later.
func TestFromHashicorpTLSWithKeysInState(t *testing.T) {
	t.Parallel()
	f := newTLSFleet(t)
	w := f.workspace(t)
	const edges = `
terraform {
  required_providers {
    mtls = { source = "trustplane/mtls" }
    tls  = { source = "hashicorp/tls" }
  }
}
locals {
  edges = toset([for number in range(1, 51) : "edge-${number}"])
}
moved {
  from = tls_self_signed_cert.root
  to   = mtls_control_plane_ca.root
}
resource "mtls_control_plane_ca" "root" {
  subject = { common_name = "corporate-ca", organization = "Acme" }
}
removed {
  from = tls_private_key.root
  lifecycle { destroy = false }
}
removed {
  from = tls_cert_request.edge
  lifecycle { destroy = false }
}
`
	w.write(t, "main.tf", edges+`
resource "tls_private_key" "edge" {
  for_each  = local.edges
  algorithm = "ECDSA"
  ecdsa_curve = "P256"
}
resource "tls_locally_signed_cert" "edge" {
  for_each = local.edges
  cert_pem = file("${each.key}.pem") # the real resource computes it; its stand-in is given it
}
resource "mtls_dataplane_certificate" "edge" {
  for_each        = local.edges
  certificate_pem = tls_locally_signed_cert.edge[each.key].cert_pem
  private_key_pem = tls_private_key.edge[each.key].private_key_pem
}
`)
	for name, leaf := range f.leaves {
		w.write(t, name+".pem", pki.EncodeCertificates(leaf))
	}
	w.run(t, "apply", "-auto-approve")
	w.write(t, "main.tf", edges+`
removed {
  from = tls_private_key.edge
  lifecycle { destroy = false }
}
removed {
  from = tls_locally_signed_cert.edge
  lifecycle { destroy = false }
}
resource "mtls_dataplane_certificate" "edge" {
  for_each = local.edges
  subject  = { common_name = each.key, organization = "Acme" }
  issuer   = mtls_control_plane_ca.root
}
`)
	if output := w.output(t, "apply", "-auto-approve"); strings.Contains(output, "Warning: Certificate") {
		t.Errorf("the second step warns:\n%s", output)
	}
	w.wantEmptyPlan(t)
	f.keptIn(t, w)
	for address, values := range w.state(t) {
		if text, _ := values["private_key_pem"].(string); strings.HasPrefix(address, "mtls_") && text == "" {
			t.Errorf("%s has no private key in the state", address)
		}
	}
}

package pki_test

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// formsOfKeys are texts with a private key in them, as people come by them.
func formsOfKeys(t *testing.T, certificate string) map[string]string {
	t.Helper()
	forms := map[string]string{"JSON web key": `{"kty":"EC","crv":"P-256","d":"AAAA"}`, "PuTTY": "PuTTY-User-Key-File-3: ssh-rsa\nPrivate-Lines: 1\nAAAA"}
	for _, algorithm := range []pki.KeyAlgorithm{pki.ECDSAP256, pki.Ed25519, "RSA-2048"} {
		key, err := pki.GenerateKey(algorithm)
		if err != nil {
			t.Fatal(err)
		}
		text, err := pki.EncodePrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		block, _ := pem.Decode([]byte(text))
		flat := base64.StdEncoding.EncodeToString(block.Bytes)
		for name, form := range map[string]string{
			"PEM": text, "beside a certificate": certificate + text, "in front of one": text + certificate,
			"without END": text[:len(text)/2], "without line breaks": strings.ReplaceAll(text, "\n", ""), "with written breaks": strings.ReplaceAll(text, "\n", `\n`),
			"under another label": strings.ReplaceAll(text, "PRIVATE KEY", "CERTIFICATE"), "in lower case": strings.ToLower(text),
			"DER": string(block.Bytes), "base64 of DER": flat, "base64 for URLs": base64.RawURLEncoding.EncodeToString(block.Bytes),
			"base64 of PEM": base64.StdEncoding.EncodeToString([]byte(text)), "twice": base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte(text)))),
			"in JSON": `{"data":"` + flat + `"}`, "UTF-16": strings.Join(strings.Split(text, ""), "\x00"), "cut off": flat[:len(flat)/2],
			"encrypted label": strings.ReplaceAll(text, "PRIVATE KEY", "ENCRYPTED PRIVATE KEY"),
		} {
			forms[name+", "+string(algorithm)] = form
		}
	}
	return forms
}

func TestPrivateKeysAreSeenInEveryForm(t *testing.T) {
	graph := pkitest.Build(t, "edge <- issuing <- root")
	for name, text := range formsOfKeys(t, graph.PEM("edge")) {
		if !pki.HoldsPrivateKey(text) {
			t.Errorf("%s: no private key is seen", name)
		}
	}
	der, err := x509.MarshalPKIXPublicKey(graph.Key("edge").Public())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"certificates": graph.PEM("edge", "issuing", "root"), "public key": string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})),
		"base64 of a certificate": base64.StdEncoding.EncodeToString(graph.Certificate("edge").Raw), "DER": string(graph.Certificate("edge").Raw),
		"a path": "/etc/ssl/private/edge.pem", "nothing": "", "words": "a private matter, key points",
	} {
		if pki.HoldsPrivateKey(text) {
			t.Errorf("%s: a private key is seen", name)
		}
	}
}

func TestWithoutPrivateKeys(t *testing.T) {
	graph := pkitest.Build(t, "edge <- issuing")
	for name, text := range formsOfKeys(t, graph.PEM("edge")) {
		if !strings.HasPrefix(name, "beside a certificate") && !strings.HasPrefix(name, "in front of one") {
			continue
		}
		if got := pki.WithoutPrivateKeys(text); got != graph.PEM("edge") {
			t.Errorf("%s: left is %q", name, got)
		}
	}
}

package trust_test

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// limboFile is where x509-limbo's core vectors are looked for, beside the
// project. The suite is C2SP's: https://x509-limbo.com.
const limboFile = "../../../shared/oracles/x509-limbo-core.json"

// A limboCase is one test case of x509-limbo, as far as it is read here.
type limboCase struct {
	ID             string    `json:"id"`
	ValidationKind string    `json:"validation_kind"` // "SERVER" or "CLIENT": whose certificate it is
	TrustedCerts   []string  `json:"trusted_certs"`
	Intermediates  []string  `json:"untrusted_intermediates"`
	Peer           string    `json:"peer_certificate"`
	Time           *string   `json:"validation_time"`
	ExtKeyUsage    []string  `json:"extended_key_usage"`
	KeyUsage       []string  `json:"key_usage"`
	Expected       string    `json:"expected_result"`
	PeerName       *peerName `json:"expected_peer_name"`
	MaxChainDepth  *int      `json:"max_chain_depth"`
	RevocationPEM  []string  `json:"crls"`
}

type peerName struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

// limboNow stands for the present in cases that name no instant.
func limboNow() time.Time { return time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC) }

func TestOracleLimbo(t *testing.T) {
	cases := readLimbo(t)
	c := newTally("x509-limbo", limboDifferences())
	for _, limbo := range cases {
		if reason := limbo.unasked(); reason != "" {
			c.skip(reason)
			continue
		}
		trusted, ours := limbo.judge(t)
		c.compare(limbo.ID, limbo.Expected == "SUCCESS", trusted, ours)
	}
	c.report(t)
}

func readLimbo(t *testing.T) []limboCase {
	t.Helper()
	text, err := os.ReadFile(filepath.FromSlash(limboFile))
	if err != nil {
		t.Skipf("x509-limbo's vectors are not beside the project: %v", err)
	}
	var file struct {
		Testcases []limboCase `json:"testcases"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Testcases) < 200 {
		t.Fatalf("%s has %d cases: it is cut off", limboFile, len(file.Testcases))
	}
	return file.Testcases
}

// unasked is the reason for which a case has no meaning here; empty if it has
// one. It never depends on what Evaluate says.
func (l limboCase) unasked() string {
	switch {
	case strings.HasPrefix(l.ID, "webpki::"):
		return "about rules of the web's public CAs"
	case l.MaxChainDepth != nil:
		return "with a depth limit of its own"
	case len(l.KeyUsage) > 0:
		return "asking for a key usage"
	case l.Expected == "FAILURE" && l.failsByName():
		return "refused for the server's name, which no control plane asks for"
	default:
		return ""
	}
}

// failsByName reports whether the leaf does not carry the name that is asked
// for, or carries no usable one.
func (l limboCase) failsByName() bool {
	if l.PeerName == nil || l.ValidationKind != "SERVER" {
		return false
	}
	leaf, err := pki.ParseCertificate(l.Peer)
	return err == nil && leaf.VerifyHostname(l.PeerName.Value) != nil
}

// judge asks Evaluate as the provider would: what cannot be parsed is refused.
func (l limboCase) judge(t *testing.T) (trusted bool, ours string) {
	t.Helper()
	anchors, err := parseAll(l.TrustedCerts)
	if err != nil {
		return false, "refused by the parser: " + err.Error()
	}
	presented, err := parseAll(append([]string{l.Peer}, l.Intermediates...))
	if err != nil {
		return false, "refused by the parser: " + err.Error()
	}
	lists, err := l.lists()
	if err != nil {
		return false, "refused by the parser: " + err.Error()
	}
	verdict := trust.Evaluate(anchors, presented, trust.Options{At: l.at(t), Purpose: l.purpose(), RevocationLists: lists})
	return verdict.Trusted, inWords(verdict)
}

// inWords is a verdict with its findings, short.
func inWords(verdict trust.Verdict) string {
	words := verdictWord(verdict.Trusted)
	if verdict.Mode != "" {
		words = string(verdict.Mode)
	}
	if codes := codesOf(verdict); codes != "" {
		words += " (" + codes + ")"
	}
	return words
}

func (l limboCase) purpose() trust.Purpose {
	if l.ValidationKind == "CLIENT" || slices.Contains(l.ExtKeyUsage, "clientAuth") {
		return trust.ClientAuth
	}
	return trust.ServerAuth
}

func (l limboCase) at(t *testing.T) time.Time {
	t.Helper()
	if l.Time == nil {
		return limboNow()
	}
	at, err := time.Parse(time.RFC3339, *l.Time)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func (l limboCase) lists() ([]*x509.RevocationList, error) {
	var lists []*x509.RevocationList
	for _, text := range l.RevocationPEM {
		block, _ := pem.Decode([]byte(text))
		list, err := x509.ParseRevocationList(block.Bytes)
		if err != nil {
			return nil, err
		}
		lists = append(lists, list)
	}
	return lists, nil
}

func parseAll(texts []string) ([]*x509.Certificate, error) {
	var certificates []*x509.Certificate
	for _, text := range texts {
		parsed, err := pki.ParseCertificates(text)
		if err != nil {
			return nil, err
		}
		certificates = append(certificates, parsed...)
	}
	return certificates, nil
}

// limboDifferences says why Evaluate may decide otherwise than the suite, which
// holds a verifier to every rule that RFC 5280 has for issuers.
func limboDifferences() map[string]string {
	const (
		notForVerifiers = "RFC 5280 asks this of issuers; its path validation (section 6.1) does not look, and neither does crypto/x509, whose word a path is accepted on: "
		listsOnlyRefuse = "a revocation list can only add refusals, and a fault of the list itself is a warning: no control plane here is known to ask for lists. "
		selfIssued      = "crypto/x509 counts self-issued certificates like any other, which refuses more than RFC 5280, 6.1.4 (l) and 6.1.3 (b), ask: a safe error, and every rollover can go by a path without them. "
		otherNameKinds  = "crypto/x509 compares no names of this kind, and so refuses critical constraints on it (RFC 5280, 4.2.1.10, asks for that of whoever cannot process them): "
	)
	return map[string]string{
		"crl::crlnumber-critical":                      listsOnlyRefuse + "Here its number is critical, which is found: revocation_list_partial",
		"crl::crlnumber-missing":                       listsOnlyRefuse + "Here its number is missing, which changes nothing that it revokes",
		"crl::issuer-missing-crlsign":                  listsOnlyRefuse + "Here its issuer may not sign lists, so it is not looked at, which is found: revocation_list_unsigned",
		"pathlen::self-issued-certs-pathlen":           selfIssued + "Here against a path length",
		"pathological::nc-dos-1":                       "the suite wants this technically valid chain refused for its cost; crypto/x509 judges it without comparing every name with every constraint",
		"pathological::nc-dos-2":                       "the suite wants this technically valid chain refused for its cost; crypto/x509 judges it without comparing every name with every constraint",
		"rfc5280::aki::cross-signed-root-missing-aki":  notForVerifiers + "an authority key identifier (4.2.1.1)",
		"rfc5280::aki::intermediate-missing-aki":       notForVerifiers + "an authority key identifier (4.2.1.1)",
		"rfc5280::aki::leaf-missing-aki":               notForVerifiers + "an authority key identifier (4.2.1.1)",
		"rfc5280::ca-empty-subject":                    notForVerifiers + "a CA's subject that is not empty (4.1.2.6)",
		"rfc5280::eku::ee-eku-empty":                   "crypto/x509 takes an extended key usage without an entry for none at all, which allows any; its syntax (4.2.1.12) forbids it",
		"rfc5280::leaf-ku-keycertsign":                 notForVerifiers + "no keyCertSign where cA is false (4.2.1.9); such a leaf is no issuer all the same",
		"rfc5280::nc::invalid-dnsname-leading-period":  "crypto/x509 and OpenSSL both read a leading period in a DNS constraint as subdomains only, as is common",
		"rfc5280::nc::nc-forbids-othername-noop":       otherNameKinds + "otherName, even where no such name stands below",
		"rfc5280::nc::permitted-dn-match":              otherNameKinds + "directory names",
		"rfc5280::nc::not-allowed-in-ee-critical":      notForVerifiers + "no name constraints in a leaf (4.2.1.10)",
		"rfc5280::nc::not-allowed-in-ee-noncritical":   notForVerifiers + "no name constraints in a leaf (4.2.1.10)",
		"rfc5280::nc::permitted-dns-match-noncritical": notForVerifiers + "name constraints that are critical (4.2.1.10); they are enforced either way",
		"rfc5280::nc::permitted-self-issued":           selfIssued + "Here against name constraints",
		"rfc5280::pc::ica-noncritical-pc":              notForVerifiers + "policy constraints that are critical (4.2.1.11); they are enforced either way",
		"rfc5280::root-inconsistent-ca-extensions":     "its key usage has no bit at all (which 4.2.1.3 forbids), and crypto/x509 cannot tell that from none",
		"rfc5280::root-non-critical-basic-constraints": notForVerifiers + "basic constraints that are critical (4.2.1.9); they are enforced either way",
		"rfc5280::san::noncritical-with-empty-subject": notForVerifiers + "a critical subjectAltName beside an empty subject (4.2.1.6)",
		"rfc5280::san::underscore-dns":                 notForVerifiers + "DNS names of letters, digits and hyphens (4.2.1.6); the name is not asked for",
		"rfc5280::serial::too-long":                    notForVerifiers + "serial numbers of 20 octets at most (4.1.2.2)",
		"rfc5280::serial::zero":                        notForVerifiers + "serial numbers above zero (4.1.2.2)",
		"rfc5280::ski::intermediate-missing-ski":       notForVerifiers + "a CA's subject key identifier (4.2.1.2)",
		"rfc5280::ski::root-missing-ski":               notForVerifiers + "a CA's subject key identifier (4.2.1.2)",
	}
}

package provider

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// A stateCheck checks the attributes of all resources, by their address.
type stateCheck func(state attributesByAddress) error

type attributesByAddress map[string]map[string]any

func (check stateCheck) CheckState(_ context.Context, request statecheck.CheckStateRequest, response *statecheck.CheckStateResponse) {
	state := attributesByAddress{}
	for _, resource := range request.State.Values.RootModule.Resources {
		state[resource.Address] = resource.AttributeValues
	}
	response.Error = check(state)
}

// certificate parses the certificate of a resource.
func (s attributesByAddress) certificate(address string) (*x509.Certificate, error) {
	text, _ := s[address]["certificate_pem"].(string)
	certificate, err := pki.ParseCertificate(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	return certificate, nil
}

// looksLike checks one certificate of the state.
func looksLike(address string, check func(*x509.Certificate) error) stateCheck {
	return func(state attributesByAddress) error {
		certificate, err := state.certificate(address)
		if err != nil {
			return err
		}
		if err := check(certificate); err != nil {
			return fmt.Errorf("%s: %w", address, err)
		}
		return nil
	}
}

// describesItself checks every output of a resource against its certificate, and
// against those of the resources above it, next first.
func describesItself(address string, generation int, above ...string) stateCheck {
	return func(state attributesByAddress) error {
		certificate, err := state.certificate(address)
		if err != nil {
			return err
		}
		want := map[string]any{
			"serial_number":             certificate.SerialNumber.Text(16),
			"fingerprint_sha256":        pki.FingerprintSHA256(certificate),
			"spki_sha256":               pki.SPKISHA256(certificate),
			"spki_sha256_base64":        spkiBase64(certificate),
			"subject_key_id":            pki.KeyID(certificate.SubjectKeyId),
			"not_before":                certificate.NotBefore.UTC().Format(time.RFC3339),
			"not_after":                 certificate.NotAfter.UTC().Format(time.RFC3339),
			"generation":                json.Number(fmt.Sprint(generation)),
			"revision":                  json.Number(fmt.Sprint(pki.Revision(certificate))),
			"issuer_fingerprint_sha256": nil,
			"renewal_due":               false,
		}
		chain := pki.EncodeCertificates(certificate)
		for i, ca := range above {
			issuer, err := state.certificate(ca)
			if err != nil {
				return err
			}
			if i == 0 {
				want["issuer_fingerprint_sha256"] = pki.FingerprintSHA256(issuer)
			}
			if !pki.SelfSigned(issuer) {
				chain += pki.EncodeCertificates(issuer)
			}
		}
		want["chain_pem"] = chain
		if diff := cmp.Diff(want, only(state[address], want)); diff != "" {
			return fmt.Errorf("%s differs from its certificate (-want +got):\n%s", address, diff)
		}
		return nil
	}
}

// trusts checks what a control plane is to be given: the current certificate,
// and those before it, oldest first.
func trusts(address string, generation int, earlier ...func() string) stateCheck {
	return func(state attributesByAddress) error {
		certificate, err := state.certificate(address)
		if err != nil {
			return err
		}
		bundle := pki.EncodeCertificates(certificate)
		trusted := map[string]any{fmt.Sprint(generation): bundle}
		for i := range earlier {
			number := generation - 1 - i
			text := earlier[len(earlier)-1-i]()
			trusted[fmt.Sprint(number)] = text
			bundle += text
		}
		want := map[string]any{"trusted_certificates_pem": trusted, "trust_bundle_pem": bundle}
		if diff := cmp.Diff(want, only(state[address], want)); diff != "" {
			return fmt.Errorf("%s trusts something else (-want +got):\n%s", address, diff)
		}
		return nil
	}
}

// only are the attributes that want names.
func only(attributes, want map[string]any) map[string]any {
	got := map[string]any{}
	for name := range want {
		got[name] = attributes[name]
	}
	return got
}

// holdsItsKey checks that the private key in state is the certificate's, as
// PKCS#8.
func holdsItsKey(address string) stateCheck {
	return func(state attributesByAddress) error {
		certificate, err := state.certificate(address)
		if err != nil {
			return err
		}
		text, _ := state[address]["private_key_pem"].(string)
		key, err := pki.ParsePrivateKey(text)
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", address, err)
		case !pki.SameKey(key.Public(), certificate.PublicKey):
			return fmt.Errorf("%s: the key is another certificate's", address)
		case !strings.HasPrefix(text, "-----BEGIN PRIVATE KEY-----\n"):
			return fmt.Errorf("%s: the key is not PKCS#8", address)
		}
		return nil
	}
}

// leavesNoTrace checks that no resource but its own holds the named attributes
// of the one at address. A root_pem is a root, and meant to be there.
func leavesNoTrace(address string, attributes ...string) stateCheck {
	return func(state attributesByAddress) error {
		for _, attribute := range attributes {
			secret, _ := state[address][attribute].(string)
			if secret == "" {
				return fmt.Errorf("%s has no %s to look for", address, attribute)
			}
			for other, values := range state {
				values := maps.Clone(values)
				delete(values, "root_pem")
				text, err := json.Marshal(values)
				if err != nil {
					return err
				}
				quoted, _ := json.Marshal(strings.TrimSpace(secret))
				if other != address && strings.Contains(string(text), strings.Trim(string(quoted), `"`)) {
					return fmt.Errorf("%s of %s is in %s", attribute, address, other)
				}
			}
		}
		return nil
	}
}

// readsCertificate lets a check remember the certificate that a step has made,
// and gives it back as PEM.
func readsCertificate(address string) (stateCheck, func() string) {
	var remembered string
	return func(state attributesByAddress) error {
		certificate, err := state.certificate(address)
		if err == nil {
			remembered = pki.EncodeCertificates(certificate)
		}
		return err
	}, func() string { return remembered }
}

// spkiBase64 is what `openssl x509 -pubkey | openssl pkey -pubin -outform der |
// openssl dgst -sha256 -binary | base64` gives.
func spkiBase64(certificate *x509.Certificate) string {
	sum := sha256.Sum256(certificate.RawSubjectPublicKeyInfo)
	return base64.StdEncoding.EncodeToString(sum[:])
}

package issue

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

const fieldCertificate = "certificate_pem"

// CheckProvided judges a certificate that somebody else made, for use as profile
// at now: what makes it unusable, and what to be warned of. key is its private
// key and issuer what stands above it; each may be nil.
func CheckProvided(profile Profile, certificate *x509.Certificate, key crypto.Signer, issuer *Issuer, now time.Time) (errors, warnings []Violation) {
	var refused, warned violations
	name := pki.Describe(certificate)
	if now.After(certificate.NotAfter) {
		refused.add(fieldCertificate, "Certificate has expired", "%s expired at %s; a control plane refuses it. Provide a renewed certificate.", name, pki.Stamp(certificate.NotAfter))
	}
	if now.Before(certificate.NotBefore) {
		warned.add(fieldCertificate, "Certificate is not yet valid", "%s becomes valid at %s; control planes refuse it until then.", name, pki.Stamp(certificate.NotBefore))
	}
	if key != nil && !pki.SameKey(key.Public(), certificate.PublicKey) {
		refused.add("private_key_pem", "Key does not match", "The private key does not belong to %s. Provide the key that the certificate was issued for.", name)
	}
	if err := pki.CheckKeyKind(certificate.RawSubjectPublicKeyInfo); err != nil {
		warned.add(fieldCertificate, "Key of another kind", "%s %s. Control planes that are built on Go refuse it.", name, err)
	} else if err := pki.CheckKeyStrength(certificate.PublicKey); err != nil {
		warned.add(fieldCertificate, "Key too weak", "%s: %s. Current control planes refuse it.", name, err)
	}
	if profile == ControlPlaneCA {
		if err := CheckCA(certificate); err != nil {
			refused.add(fieldCertificate, "Not a CA certificate", "%s %s. Provide a CA certificate, or use a pinned certificate for a leaf.", name, err)
		}
	} else {
		warnEndEntity(profile, certificate, &warned)
	}
	if issuer != nil {
		checkIssuedBy(certificate, issuer, now, &refused)
	}
	return refused, warned
}

// warnEndEntity reports what a certificate that is used as a leaf should not be.
func warnEndEntity(profile Profile, certificate *x509.Certificate, warned *violations) {
	name := pki.Describe(certificate)
	if certificate.IsCA {
		warned.add(fieldCertificate, "Certificate is also a CA",
			"%s says CA:TRUE, which is the default of openssl req -x509. "+
				"Once it is uploaded, whoever has its private key can issue further certificates that the control plane trusts. "+
				"Provide one with CA:FALSE, or let the provider generate it.", name)
	}
	if !grantsClientAuth(certificate) {
		warned.add(fieldCertificate, "Not valid for client authentication",
			"%s is restricted to other purposes. Control planes that check the purpose refuse it from a data plane. Provide one with the extended key usage clientAuth.", name)
	}
	if profile == PinnedCertificate && certificate.Version < 3 {
		warned.add(fieldCertificate, fmt.Sprintf("Certificate is X.509 v%d", certificate.Version),
			"%s has no extensions: it can be pinned, but clients cannot verify its name, so a control plane cannot present it. Let the provider generate one.", name)
	}
}

func grantsClientAuth(certificate *x509.Certificate) bool {
	usages := certificate.ExtKeyUsage
	return len(usages)+len(certificate.UnknownExtKeyUsage) == 0 ||
		slices.Contains(usages, x509.ExtKeyUsageClientAuth) || slices.Contains(usages, x509.ExtKeyUsageAny)
}

// checkIssuedBy reports whether issuer stands above certificate.
func checkIssuedBy(certificate *x509.Certificate, issuer *Issuer, now time.Time, found *violations) {
	ordered := checkLength(issuer, found)
	if ordered {
		checkDates(issuer, now, found)
		ordered = checkOrder(issuer, found)
	}
	if !bytes.Equal(certificate.RawIssuer, issuer.Certificate.RawSubject) || !pki.SignedBy(certificate, issuer.Certificate) {
		found.add(fieldIssuerCertificate, "Issuer did not sign this",
			"%s was issued by %s, not in the name and with the key of %s. Set its actual issuer, or none.",
			pki.Describe(certificate), pki.DistinguishedName(certificate.Issuer), pki.Describe(issuer.Certificate))
	} else if ordered {
		checkBelow(certificate, issuer, found)
	}
}

package issue

import (
	"crypto/x509"
	"net"
	"net/url"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// Matches reports whether certificate, which somebody else made, already is
// what request asks for below issuer (nil: self-signed): then it can be kept
// until it is renewed, and its renewal will say the same. The life of the
// certificate is not compared, nor is an algorithm that the request leaves open.
func Matches(certificate *x509.Certificate, request Request, issuer *Issuer) bool {
	return len(Differences(certificate, request, issuer)) == 0
}

// Differences names what keeps [Matches] from being true: nothing where it is.
func Differences(certificate *x509.Certificate, request Request, issuer *Issuer) []string {
	request, rawSubject, _ := adoptCSR(request, Unknown{}, &violations{})
	subject := request.Subject.ToRDNSequence()
	if rawSubject != nil {
		subject = decodeName(rawSubject)
	}
	var differences []string
	for _, part := range []struct {
		same bool
		name string
	}{
		{sameAttributes(subject, decodeName(certificate.RawSubject)), "the subject"},
		{matchesNames(certificate, request), "the alternative names"},
		{matchesKey(certificate, request), "the key"},
		{matchesRights(certificate, request), "the rights or purposes"},
		{matchesPointers(certificate, request), "where its revocation is looked up"},
		{matchesIssuer(certificate, issuer), "the issuer"},
	} {
		if !part.same {
			differences = append(differences, part.name)
		}
	}
	return differences
}

func matchesNames(certificate *x509.Certificate, request Request) bool {
	var unread violations
	names := checkNames(request, &unread)
	return len(unread) == 0 &&
		sameElements(names.DNSNames, certificate.DNSNames) &&
		sameElements(names.EmailAddresses, certificate.EmailAddresses) &&
		sameElements(texts(names.IPAddresses, net.IP.String), texts(certificate.IPAddresses, net.IP.String)) &&
		sameElements(texts(names.URIs, (*url.URL).String), texts(certificate.URIs, (*url.URL).String))
}

func matchesKey(certificate *x509.Certificate, request Request) bool {
	if public := request.PublicKey(); public != nil {
		return pki.SameKey(public, certificate.PublicKey)
	}
	return request.KeyAlgorithm == "" || request.KeyAlgorithm == pki.AlgorithmOf(certificate.PublicKey)
}

// matchesRights compares what the certificate may be used for. A pin is
// only compared by the control plane, so its purposes are left as they are.
func matchesRights(certificate *x509.Certificate, request Request) bool {
	switch request.Profile {
	case PinnedCertificate:
		return !certificate.IsCA
	case DataplaneCertificate:
		return !certificate.IsCA && sameElements(request.purposes(), certificate.ExtKeyUsage)
	case ControlPlaneCA:
		return matchesCA(certificate, request)
	default:
		return false
	}
}

func matchesCA(certificate *x509.Certificate, request Request) bool {
	longest, limited := pathLength(certificate)
	return CheckCA(certificate) == nil &&
		limited == (request.MaxPathLength != nil) && (!limited || longest == *request.MaxPathLength) &&
		matchesConstraints(certificate, request.NameConstraints)
}

// matchesPointers compares where revocation is looked up. A pin is only compared
// by the control plane, so nobody looks its up.
func matchesPointers(certificate *x509.Certificate, request Request) bool {
	return request.Profile == PinnedCertificate ||
		sameElements(request.CRLDistributionPoints, certificate.CRLDistributionPoints) &&
			sameElements(request.OCSPServers, certificate.OCSPServer)
}

// matchesConstraints compares ranges as networks: one may be written in more
// ways than one.
func matchesConstraints(certificate *x509.Certificate, wanted NameConstraints) bool {
	var unread violations
	read := checkConstraints(wanted, &unread)
	wanted.PermittedIPRanges = texts(read.permittedIP, (*net.IPNet).String)
	wanted.ExcludedIPRanges = texts(read.excludedIP, (*net.IPNet).String)
	return len(unread) == 0 && wanted.equal(constraintsOf(certificate))
}

func matchesIssuer(certificate *x509.Certificate, issuer *Issuer) bool {
	if issuer == nil {
		return pki.SelfSigned(certificate)
	}
	return pki.SignedBy(certificate, issuer.Certificate)
}

func constraintsOf(ca *x509.Certificate) NameConstraints {
	return NameConstraints{
		PermittedDNSDomains: ca.PermittedDNSDomains, ExcludedDNSDomains: ca.ExcludedDNSDomains,
		PermittedIPRanges:       texts(ca.PermittedIPRanges, (*net.IPNet).String),
		ExcludedIPRanges:        texts(ca.ExcludedIPRanges, (*net.IPNet).String),
		PermittedEmailAddresses: ca.PermittedEmailAddresses, ExcludedEmailAddresses: ca.ExcludedEmailAddresses,
		PermittedURIDomains: ca.PermittedURIDomains, ExcludedURIDomains: ca.ExcludedURIDomains,
	}
}

func texts[T any](values []T, text func(T) string) []string {
	var all []string
	for _, value := range values {
		all = append(all, text(value))
	}
	return all
}

// namesAsText writes the names that are not text.
func namesAsText(names pki.Names) Request {
	return Request{IPAddresses: texts(names.IPAddresses, net.IP.String), URIs: texts(names.URIs, (*url.URL).String)}
}

package pkitest

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"net"
	"net/url"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// A Deviation makes one certificate differ from the careful default.
type Deviation func(*recipe)

// Template changes the certificate's template at will, for what no other
// deviation covers.
func Template(change func(*x509.Certificate)) Deviation {
	return func(r *recipe) { change(r.template) }
}

// Valid sets both ends of the certificate's life.
func Valid(notBefore, notAfter time.Time) Deviation {
	return func(r *recipe) { r.template.NotBefore, r.template.NotAfter = notBefore, notAfter }
}

// ExpiredFor makes the certificate end before [Now] by the given time.
func ExpiredFor(age time.Duration) Deviation {
	return func(r *recipe) { r.template.NotAfter = Now().Add(-age) }
}

// EndsIn makes the certificate end after [Now] by the given time.
func EndsIn(left time.Duration) Deviation { return ExpiredFor(-left) }

// StartsIn makes the certificate begin after [Now] by the given time.
func StartsIn(wait time.Duration) Deviation {
	return func(r *recipe) { r.template.NotBefore = Now().Add(wait) }
}

// Algorithm sets the kind of the node's key, weak ones included.
func Algorithm(algorithm pki.KeyAlgorithm) Deviation {
	return func(r *recipe) { r.algorithm = algorithm }
}

// SameKeyAs gives the node the key of the node called name: a renewal or a
// cross-certificate of it.
func SameKeyAs(name string) Deviation { return func(r *recipe) { r.sameKeyAs = name } }

// SignedWith signs with the key of the node called name, while the issuer's
// name and key identifier stay those of the drawing: a signature by a stranger.
func SignedWith(name string) Deviation { return func(r *recipe) { r.signWith = name } }

// BrokenSignature flips a bit of the signature.
func BrokenSignature() Deviation { return func(r *recipe) { r.broken = true } }

// SHA1 signs with SHA-1, which crypto/x509 refuses to verify. The issuer's key
// must be ECDSA.
func SHA1() Deviation {
	return func(r *recipe) { r.template.SignatureAlgorithm = x509.ECDSAWithSHA1 }
}

// Version1 makes an X.509 version 1 certificate: no extensions at all. The
// issuer's key must be ECDSA P-256.
func Version1() Deviation { return func(r *recipe) { r.version1 = true } }

// CA sets the CA flag of the basic constraints (RFC 5280, 4.2.1.9), and nothing
// else.
func CA(is bool) Deviation {
	return func(r *recipe) { r.template.IsCA = is; r.template.MaxPathLen = -1 }
}

// NoBasicConstraints leaves that extension out.
func NoBasicConstraints() Deviation {
	return func(r *recipe) { r.template.BasicConstraintsValid = false }
}

// PathLength sets the path length constraint; 0 is kept.
func PathLength(length int) Deviation {
	return func(r *recipe) {
		r.template.MaxPathLen, r.template.MaxPathLenZero = length, length == 0
	}
}

// KeyUsage sets the key usage bits (RFC 5280, 4.2.1.3); 0 leaves the extension
// out.
func KeyUsage(usage x509.KeyUsage) Deviation { return func(r *recipe) { r.template.KeyUsage = usage } }

// Purposes sets the extended key usages (RFC 5280, 4.2.1.12); none leaves the
// extension out.
func Purposes(purposes ...x509.ExtKeyUsage) Deviation {
	return func(r *recipe) { r.template.ExtKeyUsage = purposes }
}

// Subject replaces the subject's name, which is CN= and the node's name
// otherwise.
func Subject(name pkix.Name) Deviation { return func(r *recipe) { r.template.Subject = name } }

// Serial sets the serial number.
func Serial(number *big.Int) Deviation { return func(r *recipe) { r.template.SerialNumber = number } }

// NoKeyID leaves out the subject key identifier, and with it the authority key
// identifier of every certificate issued by this one. The issuer's key of a CA
// must be ECDSA P-256.
func NoKeyID() Deviation {
	return func(r *recipe) { r.noKeyID, r.template.SubjectKeyId = true, []byte{} }
}

// AuthorityKeyID sets the authority key identifier, whoever the issuer is.
func AuthorityKeyID(id []byte) Deviation { return func(r *recipe) { r.authority = id } }

// DNS adds DNS names.
func DNS(names ...string) Deviation {
	return func(r *recipe) { r.template.DNSNames = append(r.template.DNSNames, names...) }
}

// OCSP names the responders of the certificate.
func OCSP(urls ...string) Deviation {
	return Template(func(template *x509.Certificate) { template.OCSPServer = append(template.OCSPServer, urls...) })
}

// CRL names where the lists that revoke the certificate are found.
func CRL(urls ...string) Deviation {
	return Template(func(template *x509.Certificate) {
		template.CRLDistributionPoints = append(template.CRLDistributionPoints, urls...)
	})
}

// IP adds IP addresses, which must parse.
func IP(addresses ...string) Deviation {
	return func(r *recipe) {
		for _, address := range addresses {
			r.template.IPAddresses = append(r.template.IPAddresses, net.ParseIP(address))
		}
	}
}

// Email adds e-mail addresses.
func Email(addresses ...string) Deviation {
	return func(r *recipe) { r.template.EmailAddresses = append(r.template.EmailAddresses, addresses...) }
}

// URI adds URIs; one that does not parse fails the test.
func URI(uris ...string) Deviation {
	return func(r *recipe) {
		r.graph.tb.Helper()
		for _, text := range uris {
			uri, err := url.Parse(text)
			if err != nil {
				r.graph.tb.Fatalf("pkitest: %v", err)
			}
			r.template.URIs = append(r.template.URIs, uri)
		}
	}
}

// UnknownCriticalExtension adds a critical extension that no verifier knows.
func UnknownCriticalExtension() Deviation { return unknownExtension(true) }

// UnknownExtension adds an extension that no verifier knows and none has to.
func UnknownExtension() Deviation { return unknownExtension(false) }

func unknownExtension(critical bool) Deviation {
	return func(r *recipe) {
		r.template.ExtraExtensions = append(r.template.ExtraExtensions, pkix.Extension{
			Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 55555, 1}, Critical: critical, Value: []byte{5, 0},
		})
	}
}

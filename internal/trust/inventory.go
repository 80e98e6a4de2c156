package trust

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// A holding is one distinct certificate, with every place it was found in.
type holding struct {
	*x509.Certificate
	presented []int // positions from 1, ascending; likewise uploaded
	uploaded  []int
}

// place says where the certificate was found: "presented 2 and uploaded 1".
func (h *holding) place() string {
	switch {
	case len(h.presented) > 0 && len(h.uploaded) > 0:
		return fmt.Sprintf("presented %d and uploaded %d", h.presented[0], h.uploaded[0])
	case len(h.presented) > 0:
		return fmt.Sprintf("presented %d", h.presented[0])
	default:
		return fmt.Sprintf("uploaded %d", h.uploaded[0])
	}
}

// describe is the place and the name of the certificate.
func (h *holding) describe() string { return h.place() + ": " + pki.Describe(h.Certificate) }

// name is the certificate's subject, short, for use within a sentence.
func (h *holding) name() string { return pki.SubjectOf(h.Certificate) }

// An inventory is every certificate at hand.
type inventory struct {
	all      []*holding // presented ones first, each list in its order
	leaf     *holding   // the first presented; nil if there is none
	byRaw    map[string]*holding
	bySubj   map[string][]*holding // by subject, in the order of all; see issuersOf
	unusable []string              // places of what is no parsed certificate
	uploads  int                   // usable ones
	dropped  int                   // presented certificates beyond maxPresented
}

func takeInventory(anchors, presented []*x509.Certificate) *inventory {
	inv := &inventory{byRaw: make(map[string]*holding, len(anchors)+len(presented))}
	if len(presented) > maxPresented {
		inv.dropped = len(presented) - maxPresented
		presented = presented[:maxPresented]
	}
	for i, certificate := range presented {
		if h := inv.add(certificate, "presented", i+1); h != nil {
			h.presented = append(h.presented, i+1)
		}
	}
	for i, certificate := range anchors {
		if h := inv.add(certificate, "uploaded", i+1); h != nil {
			h.uploaded = append(h.uploaded, i+1)
			inv.uploads++
		}
	}
	if len(presented) > 0 && usable(presented[0]) {
		inv.leaf = inv.byRaw[string(presented[0].Raw)]
	}
	return inv
}

// usable reports whether a certificate came out of a parser.
func usable(certificate *x509.Certificate) bool {
	return certificate != nil && len(certificate.Raw) > 0 && certificate.SerialNumber != nil
}

func (inv *inventory) add(certificate *x509.Certificate, list string, position int) *holding {
	if !usable(certificate) {
		inv.unusable = append(inv.unusable, fmt.Sprintf("%s %d", list, position))
		return nil
	}
	h, ok := inv.byRaw[string(certificate.Raw)]
	if !ok {
		h = &holding{Certificate: certificate}
		inv.byRaw[string(certificate.Raw)] = h
		inv.all = append(inv.all, h)
	}
	return h
}

// of finds the holding of a certificate that is at hand.
func (inv *inventory) of(certificate *x509.Certificate) *holding {
	return inv.byRaw[string(certificate.Raw)]
}

// upload finds the upload at a position from 1; nil if that one is unusable.
func (inv *inventory) upload(position int) *holding {
	for _, h := range inv.all {
		if slices.Contains(h.uploaded, position) {
			return h
		}
	}
	return nil
}

// bySubject lists the holdings of a subject, given in DER.
func (inv *inventory) bySubject(raw []byte) []*holding {
	if inv.bySubj == nil {
		inv.bySubj = make(map[string][]*holding, len(inv.all))
		for _, h := range inv.all {
			inv.bySubj[string(h.RawSubject)] = append(inv.bySubj[string(h.RawSubject)], h)
		}
	}
	return inv.bySubj[string(raw)]
}

// marksCA reports whether a certificate says of itself that it is a CA
// (RFC 5280, 4.2.1.9). One without basic constraints does not: as an upload it
// is a pin, and as an anchor its key would sign for others.
func marksCA(certificate *x509.Certificate) bool {
	return certificate.BasicConstraintsValid && certificate.IsCA
}

// endsItself reports whether a chain ends at a certificate because it names
// itself as its issuer. As OpenSSL does, it believes the names, key identifiers
// and kinds of keys: no one signs for a trusted root, so nothing hangs on its
// signature.
func endsItself(certificate *x509.Certificate) bool {
	kind := signersKind(certificate.SignatureAlgorithm)
	return pki.SelfIssued(certificate) && !keyIDsDiffer(certificate, certificate) &&
		(kind == x509.UnknownPublicKeyAlgorithm || kind == certificate.PublicKeyAlgorithm)
}

// signersKind is the kind of key that makes signatures of an algorithm; unknown
// for an algorithm that crypto/x509 does not know.
func signersKind(algorithm x509.SignatureAlgorithm) x509.PublicKeyAlgorithm {
	switch algorithm {
	case x509.MD2WithRSA, x509.MD5WithRSA, x509.SHA1WithRSA, x509.SHA256WithRSA, x509.SHA384WithRSA, x509.SHA512WithRSA,
		x509.SHA256WithRSAPSS, x509.SHA384WithRSAPSS, x509.SHA512WithRSAPSS:
		return x509.RSA
	case x509.ECDSAWithSHA1, x509.ECDSAWithSHA256, x509.ECDSAWithSHA384, x509.ECDSAWithSHA512:
		return x509.ECDSA
	case x509.DSAWithSHA1, x509.DSAWithSHA256:
		return x509.DSA
	case x509.PureEd25519:
		return x509.Ed25519
	default:
		return x509.UnknownPublicKeyAlgorithm
	}
}

// keyIDsDiffer reports whether the child names another key than the issuer's
// (RFC 5280, 4.2.1.1). Where one of them names no key at all, they do not.
func keyIDsDiffer(child, issuer *x509.Certificate) bool {
	return len(child.AuthorityKeyId) > 0 && len(issuer.SubjectKeyId) > 0 && !bytes.Equal(child.AuthorityKeyId, issuer.SubjectKeyId)
}

// keyIDsAgree reports whether the child names the issuer's key.
func keyIDsAgree(child, issuer *x509.Certificate) bool {
	return len(child.AuthorityKeyId) > 0 && bytes.Equal(child.AuthorityKeyId, issuer.SubjectKeyId)
}

// withKeyID adds a key identifier to the name of a certificate that is missing.
func withKeyID(name string, id []byte) string {
	if len(id) == 0 {
		return name
	}
	return fmt.Sprintf("%s with the subject key id %s", name, pki.Printable(pki.KeyID(id)))
}

// names joins the names of a path as the tree would: "edge <- issuing <- root".
func names(path []*holding) string {
	parts := make([]string, len(path))
	for i, h := range path {
		parts[i] = h.name()
	}
	return strings.Join(parts, " <- ")
}

package trust_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"crypto/x509/pkix"
	"net/url"
	"slices"
	"strings"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// A dispute is one certificate on which openssl and Evaluate disagree.
type dispute struct {
	verifier     trust.Verifier
	leaf         *x509.Certificate
	certificates []*x509.Certificate // all that were available
	verdict      trust.Verdict
	uploaded     []*x509.Certificate
	// only asks openssl about one path, and shows it nothing beside that.
	only func(path []*x509.Certificate) opinion
}

// A difference is a narrow reason for which openssl and Evaluate may disagree.
type difference struct {
	name   string
	reason string
	// konnectOnly marks a reason that is none for Kong itself, which runs openssl.
	konnectOnly bool
	// numbers are the errors of openssl, or codes those of Evaluate, that the
	// reason accounts for where it applies.
	numbers []string
	codes   []trust.Code
	applies func(dispute) bool
	// example shows it: a graph of which the node called edge is disputed for
	// this reason alone.
	example openGraph
}

// explain finds the reasons that account for a dispute: every error that one of
// the two has must be one that an applying reason accounts for. It returns their
// names, and none if an error is left.
func (d dispute) explain() []string {
	if !d.verdict.Trusted {
		return d.explainRefusal()
	}
	heard := d.only(d.verdict.Path)
	if heard.trusts() && d.verifier == trust.KongHybridPKI && !d.warns(trust.AmbiguousIssuer) && !d.warns(trust.IssuerNotUploaded) {
		return nil // whoever runs openssl has to be warned
	}
	if heard.trusts() {
		return []string{anotherPath}
	}
	return d.account(heard, func(r difference, complaint string) bool {
		number, _, _ := strings.Cut(complaint, " ")
		return slices.Contains(r.numbers, number)
	})
}

func (d dispute) account(complaints []string, covers func(difference, string) bool) []string {
	var names []string
	for _, complaint := range complaints {
		at := slices.IndexFunc(differences(), func(r difference) bool {
			return covers(r, complaint) && (!r.konnectOnly || d.verifier == trust.Konnect) && r.applies(d)
		})
		if at < 0 {
			return nil
		}
		names = append(names, differences()[at].name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// explainRefusal looks at every path from the leaf to an upload. On one that
// openssl accepts, and there must be one, each error that Evaluate has must be
// accounted for.
func (d dispute) explainRefusal() []string {
	for _, path := range d.paths([]*x509.Certificate{d.leaf}) {
		if !d.only(path).trusts() {
			continue
		}
		names := d.account(d.ourErrors(path), func(r difference, code string) bool { return slices.Contains(r.codes, trust.Code(code)) })
		if len(names) > 0 {
			return names
		}
	}
	return nil
}

// paths lists the ways from the end of a path to an upload, by names.
func (d dispute) paths(path []*x509.Certificate) [][]*x509.Certificate {
	last := path[len(path)-1]
	var found [][]*x509.Certificate
	if slices.ContainsFunc(d.uploaded, last.Equal) {
		found = append(found, path)
	}
	for _, issuer := range d.certificates {
		if bytes.Equal(last.RawIssuer, issuer.RawSubject) && !slices.ContainsFunc(path, issuer.Equal) {
			found = append(found, d.paths(append(slices.Clone(path), issuer))...)
		}
	}
	return found
}

// ourErrors are the codes of the errors that Evaluate has on one path.
func (d dispute) ourErrors(path []*x509.Certificate) []string {
	last := len(path) - 1
	verdict := trust.Evaluate(path[last:], path, trust.Options{Verifier: d.verifier, At: pkitest.Now()})
	var codes []string
	for _, finding := range verdict.Findings {
		if finding.Severity == trust.Error {
			codes = append(codes, string(finding.Code))
		}
	}
	return codes
}

// warns reports whether Evaluate has a finding of a code.
func (d dispute) warns(code trust.Code) bool {
	return slices.ContainsFunc(d.verdict.Findings, func(f trust.Finding) bool { return f.Code == code })
}

// onPath reports whether a certificate of the accepted path is so.
func (d dispute) onPath(is func(*x509.Certificate) bool) bool {
	return slices.ContainsFunc(d.verdict.Path, is)
}

// atHand reports whether any certificate is so.
func (d dispute) atHand(is func(*x509.Certificate) bool) bool {
	return slices.ContainsFunc(d.certificates, is)
}

const anotherPath = "another path"

// differences lists every reason.
func differences() []difference { return slices.Concat(refusedByOpenSSL(), refusedByUs()) }

// refusedByOpenSSL are reasons for which openssl refuses what Evaluate accepts.
func refusedByOpenSSL() []difference {
	return []difference{
		{
			name:   anotherPath,
			reason: "openssl takes the first issuer whose name and key id fit and does not go back, and from an upload on it looks at uploads alone; the path that Evaluate accepts, it accepts when shown that alone with its end uploaded. One more upload never refuses by this engine's laws, so a finding warns instead",
			// Most are found by asking; not those where both issuers are on the path.
			numbers: []string{"7"},
			applies: func(d dispute) bool { return confusable(d.verdict.Path) },
			example: openGraph{
				drawing: "edge <- ca\nca~1", uploaded: "ca~1 ca",
				deviations: map[string][]string{"ca": {"no key id"}, "ca~1": {"no key id"}},
			},
		},
		{
			name: "last second", konnectOnly: true,
			reason:  "openssl ends a certificate with the beginning of the second of its notAfter, RFC 5280, 4.1.2.5, with the end",
			numbers: []string{"10"},
			applies: func(d dispute) bool {
				return d.onPath(func(c *x509.Certificate) bool { return c.NotAfter.Equal(pkitest.Now()) })
			},
			example: below("ca", map[string][]string{"edge": {"expires now"}}),
		},
		{
			name: "directory names", konnectOnly: true,
			reason:  "openssl compares directory names with constraints that are not critical; crypto/x509 has no such comparison, and refuses critical ones",
			numbers: []string{"47"},
			applies: func(d dispute) bool { return d.onPath(constrainsDirectory) },
			example: below("ca", map[string][]string{"ca": {"constrains directory names"}}),
		},
		{
			name: "pin", konnectOnly: true,
			reason:  "a pin is compared, and nothing else of it but its dates is looked at; openssl asks for its purpose and extensions too",
			numbers: []string{"26", "34"},
			applies: func(d dispute) bool { return d.verdict.Mode == trust.Pinned },
			example: openGraph{drawing: "edge <- ca", uploaded: "edge", deviations: map[string][]string{"edge": {"for servers"}}},
		},
		{
			name: "key usage of a leaf", konnectOnly: true,
			reason:  "crypto/x509 does not look at a leaf's key usage, and Konnect is not known to: a warning",
			numbers: []string{"26"},
			applies: func(d dispute) bool { return d.warns(trust.WrongKeyUsage) },
			example: below("ca", map[string][]string{"edge": {"enciphers keys"}}),
		},
		{
			name: "any purpose", konnectOnly: true,
			reason:  "openssl does not take anyExtendedKeyUsage for client authentication; crypto/x509 does, as RFC 5280, 4.2.1.12, allows",
			numbers: []string{"26"},
			applies: func(d dispute) bool {
				return d.onPath(func(c *x509.Certificate) bool { return slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageAny) })
			},
			example: below("ca", map[string][]string{"edge": {"any purpose"}}),
		},
		{
			name: "nothing listed", konnectOnly: true,
			reason:  "crypto/x509 takes a key usage without a bit, and extended key usages without an entry, for none at all, which allow anything; RFC 5280, 4.2.1.3 and 4.2.1.12, forbid both, and to openssl they allow nothing",
			numbers: []string{"2", "20", "26", "32", "79"},
			applies: func(d dispute) bool { return d.onPath(listsNothing) },
			example: below("ca", map[string][]string{"edge": {"purposes, none listed"}}),
		},
		{
			name: "key ids", konnectOnly: true,
			reason:  "openssl passes over an issuer whose key id is not the one that is named; for crypto/x509 that is a hint: a warning",
			numbers: []string{"2", "20"},
			applies: func(d dispute) bool { return d.warns(trust.KeyIDMismatch) },
			example: below("ca", map[string][]string{"edge": {"another authority key id"}}),
		},
		{
			name: "root by its name", konnectOnly: true,
			reason:  "openssl takes a certificate for a root that has its issuer's name and names no other key; crypto/x509 goes on to the certificate whose key signed it",
			numbers: []string{"18", "19"},
			applies: func(d dispute) bool {
				return slices.ContainsFunc(d.verdict.Path[:len(d.verdict.Path)-1], namesItself)
			},
			example: openGraph{
				drawing: "edge <- ca~1 <- ca", uploaded: "ca", beside: "ca~1",
				deviations: map[string][]string{"ca~1": {"no authority key id"}},
			},
		},
		{
			name: "below a permitted host", konnectOnly: true,
			reason:  "crypto/x509 takes a bare host in a constraint on e-mail addresses or URIs to include its subdomains; RFC 5280, 4.2.1.10, and openssl do not",
			numbers: []string{"47"},
			applies: func(d dispute) bool { return d.onPath(permitsHost) && d.onPath(namesSubdomain) },
			example: below("ca", map[string][]string{"ca": {"permits URI a.example"}, "edge": {"URI b.a.example"}}),
		},
	}
}

// refusedByUs are reasons for which Evaluate refuses what openssl accepts, all
// but one of them because crypto/x509 does.
func refusedByUs() []difference {
	return []difference{
		{
			name: "below an excluded host", konnectOnly: true,
			reason:  "crypto/x509 takes a bare host in a constraint on e-mail addresses or URIs to include its subdomains; RFC 5280, 4.2.1.10, and openssl do not",
			codes:   []trust.Code{trust.NameExcluded},
			applies: func(d dispute) bool { return d.atHand(excludesHost) && d.atHand(namesSubdomain) },
			example: below("ca", map[string][]string{"ca": {"excludes URI a.example"}, "edge": {"URI b.a.example"}}),
		},
		{
			name: "policies", konnectOnly: true,
			reason:  "openssl looks at certificate policies only when told to; crypto/x509 holds a path to what its CAs require (RFC 5280, 6.1.5 (g))",
			codes:   []trust.Code{trust.PolicyNotSatisfied},
			applies: func(d dispute) bool { return d.atHand(constrainsPolicies) },
			example: openGraph{
				drawing: "edge <- ca <- root", uploaded: "root", beside: "ca",
				deviations: map[string][]string{"ca": {"requires a policy"}},
			},
		},
		{
			name: "CA without basic constraints", konnectOnly: true,
			reason: "openssl takes a certificate without basic constraints for a CA if it is a version 1 root or its key usage says that it signs certificates; RFC 5280, 6.1.4 (k), and crypto/x509 do not",
			codes:  []trust.Code{trust.NotACA},
			applies: func(d dispute) bool {
				return d.atHand(func(c *x509.Certificate) bool { return !c.BasicConstraintsValid })
			},
			example: below("ca", map[string][]string{"ca": {"no basic constraints"}}),
		},
		{
			name:    "P-224",
			reason:  "openssl verify has nothing against P-224, but TLS has no signature scheme for a leaf on that curve: the handshake fails, not the chain",
			codes:   []trust.Code{trust.WeakKey},
			applies: func(d dispute) bool { return onP224(d.leaf) },
			example: below("ca", map[string][]string{"edge": {"P-224"}}),
		},
		{
			name: "self-issued", konnectOnly: true,
			reason:  "openssl counts no self-issued intermediate and applies no name constraints to it (RFC 5280, 6.1.4 (l) and 6.1.3 (b)); crypto/x509 does both: a safe error",
			codes:   []trust.Code{trust.PathLengthExceeded, trust.NameExcluded, trust.NameNotPermitted},
			applies: func(d dispute) bool { return d.atHand(selfIssuedBelow) },
			example: openGraph{
				drawing: "edge <- ca~1 <- ca", uploaded: "ca", beside: "ca~1",
				deviations: map[string][]string{"ca": {"path length 0"}},
			},
		},
	}
}

// below is an example of a leaf that an uploaded CA issued.
func below(ca string, deviations map[string][]string) openGraph {
	return openGraph{drawing: "edge <- " + ca, uploaded: ca, deviations: deviations}
}

// confusable reports whether a certificate of the path could be issued by
// another one of the path than it is, going by names and key ids.
func confusable(path []*x509.Certificate) bool {
	for i, child := range path[:len(path)-1] {
		for k, issuer := range path {
			fits := len(child.AuthorityKeyId) == 0 || len(issuer.SubjectKeyId) == 0 || bytes.Equal(child.AuthorityKeyId, issuer.SubjectKeyId)
			if k != i+1 && bytes.Equal(child.RawIssuer, issuer.RawSubject) && fits {
				return true
			}
		}
	}
	return false
}

// selfIssuedBelow reports whether a certificate has its issuer's name but not
// its key.
func selfIssuedBelow(c *x509.Certificate) bool { return pki.SelfIssued(c) && !pki.SelfSigned(c) }

// namesItself reports whether a certificate names itself as its issuer, and no
// other key as its issuer's.
func namesItself(c *x509.Certificate) bool {
	return pki.SelfIssued(c) && (len(c.AuthorityKeyId) == 0 || bytes.Equal(c.AuthorityKeyId, c.SubjectKeyId))
}

// permitsHost reports whether a certificate permits e-mail addresses or URIs of
// a host, and excludesHost whether it excludes them.
func permitsHost(c *x509.Certificate) bool {
	return slices.Contains(slices.Concat(c.PermittedEmailAddresses, c.PermittedURIDomains), "a.example")
}

func excludesHost(c *x509.Certificate) bool {
	return slices.Contains(slices.Concat(c.ExcludedEmailAddresses, c.ExcludedURIDomains), "a.example")
}

func namesSubdomain(c *x509.Certificate) bool {
	return slices.Contains(c.EmailAddresses, "x@b.a.example") ||
		slices.ContainsFunc(c.URIs, func(uri *url.URL) bool { return uri.Host == "b.a.example" })
}

func onP224(c *x509.Certificate) bool {
	key, ok := c.PublicKey.(*ecdsa.PublicKey)
	return ok && key.Curve == elliptic.P224()
}

// listsNothing reports whether a certificate has an empty key usage or extended
// key usage.
func listsNothing(c *x509.Certificate) bool {
	return hasExtension(c, "2.5.29.15") && c.KeyUsage == 0 ||
		hasExtension(c, "2.5.29.37") && len(c.ExtKeyUsage)+len(c.UnknownExtKeyUsage) == 0
}

// constrainsDirectory reports whether a certificate has name constraints of a
// kind that crypto/x509 does not show, and constrainsPolicies whether it has
// policy constraints.
func constrainsDirectory(c *x509.Certificate) bool {
	shown := slices.Concat(c.PermittedDNSDomains, c.PermittedURIDomains, c.PermittedEmailAddresses,
		c.ExcludedDNSDomains, c.ExcludedURIDomains, c.ExcludedEmailAddresses)
	return hasExtension(c, "2.5.29.30") && len(shown)+len(c.PermittedIPRanges)+len(c.ExcludedIPRanges) == 0
}

func constrainsPolicies(c *x509.Certificate) bool { return hasExtension(c, "2.5.29.36") }

func hasExtension(c *x509.Certificate, id string) bool {
	return slices.ContainsFunc(c.Extensions, func(e pkix.Extension) bool { return e.Id.String() == id })
}

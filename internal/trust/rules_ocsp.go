package trust

import "github.com/trustplane/terraform-provider-mtls/internal/pki"

// statusCanBeAsked is about OCSP as Kong asks it: of the leaf only, at the first
// responder that the leaf names (RFC 5280, 4.2.2.1), and with the issuer that is
// presented second. With cluster_ocsp = on, whatever keeps it from a good answer
// refuses; with optional, every answer that is not good does, and no answer does
// not. The order of Kong's questions was read in kong/clustering/tls.lua, and
// executed in nginx with the library that Kong asks: see oracle_ocsp_test.go.
func statusCanBeAsked(q *question, path []*Entry, _ int) []finding {
	if q.OCSP == nil || *q.OCSP != OCSPOn && *q.OCSP != OCSPOptional {
		return nil
	}
	leaf := path[0]
	severity, outcome := Error, "Kong with cluster_ocsp = on refuses"
	if *q.OCSP == OCSPOptional {
		severity, outcome = Warning, "Kong with cluster_ocsp = optional accepts it unchecked, always"
	}
	var found []finding
	if len(leaf.OCSPServer) == 0 {
		found = append(found, about(leaf, OCSPServerMissing, severity, sayf("it names no OCSP responder, so its status cannot be asked for: %s", outcome),
			sayf("issue %s with ocsp_servers, or set cluster_ocsp to off", leaf)))
	}
	if second := q.pool.presented(2); second == nil || !q.pool.namesIssuer(leaf, second) {
		found = append(found, about(leaf, OCSPIssuerMissing, severity, sayf("its issuer %s is not presented after it, and without that its status cannot be asked for: %s", pki.WriteName(leaf.RawIssuer), outcome),
			sayf("present %s as the second certificate, even if it is uploaded, or set cluster_ocsp to off", pki.WriteName(leaf.RawIssuer))))
	}
	if len(found) > 0 {
		return found
	}
	unknown := sayf("what the responder %s will say of it is not known here: unless it says good, it is refused", pki.Printable(leaf.OCSPServer[0]))
	if *q.OCSP == OCSPOptional {
		unknown = sayf("what the responder %s will say of it is not known here: any answer but good refuses it, also that it does not know it, and if no answer comes, it is accepted", pki.Printable(leaf.OCSPServer[0]))
	}
	return []finding{about(leaf, RevocationUnknown, Warning, unknown, sayf("make sure that the control plane reaches the responder"))}
}

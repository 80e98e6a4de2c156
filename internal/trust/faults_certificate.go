package trust

import (
	"crypto/x509"
	"fmt"
	"strings"
	"time"
)

// certificateFaults explains what is wrong with a certificate on top of a path;
// below is nil for the leaf.
func (j *judgement) certificateFaults(below *step, h *holding) []Finding {
	depth := 0
	if below != nil {
		depth = below.depth + 1
	}
	found := j.dateFaults(h)
	found = append(found, criticalFaults(h)...)
	if depth > 0 {
		found = append(found, j.authorityFaults(h, depth)...)
		found = append(found, j.nameFaults(below, h)...)
	}
	found = append(found, j.purposeFaults(h, depth)...)
	return append(found, j.keyFaults(h, depth)...)
}

// dateFaults explains a certificate that is not in date (RFC 5280, 4.1.2.5).
// Both ends belong to the time of validity.
func (j *judgement) dateFaults(h *holding) []Finding {
	switch {
	case j.options.At.After(h.NotAfter):
		return []Finding{about(h, Expired, Error, "it ended "+j.stamp(h.NotAfter), j.renew(h))}
	case j.options.At.Before(h.NotBefore):
		return []Finding{about(h, NotYetValid, Error, "it begins "+j.stamp(h.NotBefore),
			fmt.Sprintf("wait until then, check the clocks of the control plane and of the issuer, or have %s issued with an earlier beginning", h.name()))}
	default:
		return nil
	}
}

// renew says what to do about a certificate that ended or is about to.
func (j *judgement) renew(h *holding) string {
	switch {
	case h == j.held.leaf && len(h.uploaded) > 0:
		return fmt.Sprintf("renew %s, upload the new certificate, then present it", h.name())
	case h == j.held.leaf:
		return fmt.Sprintf("renew %s and present the new certificate", h.name())
	case len(h.uploaded) > 0:
		return fmt.Sprintf("renew the CA %s and upload the new certificate; with the same key, what it issued goes on to be accepted", h.name())
	default:
		return fmt.Sprintf("renew the CA %s and present the new certificate", h.name())
	}
}

// endFaults explains a path that does not last as long as the caller asks.
// Faults of date are found elsewhere.
func (j *judgement) endFaults(path []*holding) []Finding {
	first := endsFirst(path)
	if j.options.RequireValidFor <= 0 || j.options.At.After(first.NotAfter) || !j.options.At.Add(j.options.RequireValidFor).After(first.NotAfter) {
		return nil
	}
	return []Finding{about(first, EndsTooSoon, Error,
		fmt.Sprintf("it ends %s; the path is required to last for %s", j.stamp(first.NotAfter), written(j.options.RequireValidFor)), j.renew(first))}
}

// written is a duration as users write it, without zero parts at its end.
func written(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// criticalFaults explains critical extensions that are not understood: whoever
// does not must refuse the certificate (RFC 5280, 4.2).
func criticalFaults(h *holding) []Finding {
	if len(h.UnhandledCriticalExtensions) == 0 {
		return nil
	}
	ids := make([]string, 0, 3)
	for _, id := range h.UnhandledCriticalExtensions[:min(3, len(h.UnhandledCriticalExtensions))] {
		ids = append(ids, id.String())
	}
	return []Finding{about(h, UnknownCriticalExtension, Error,
		"it has a critical extension that is not understood: "+strings.Join(ids, ", "),
		fmt.Sprintf("have %s issued without it, or with the extension not critical", h.name()))}
}

// authorityFaults explains an issuer that may not issue: it is no CA, may not
// sign, or has too many CAs below it.
func (j *judgement) authorityFaults(h *holding, depth int) []Finding {
	var found []Finding
	if !j.isCA(h) {
		found = append(found, about(h, NotACA, Error, notACA(h.Certificate),
			fmt.Sprintf("issue what stands below it by a CA, or re-issue %s as one", h.name())))
	}
	if h.KeyUsage != 0 && h.KeyUsage&x509.KeyUsageCertSign == 0 {
		found = append(found, about(h, MayNotSign, Error, "its key usage does not include the signing of certificates (keyCertSign)",
			fmt.Sprintf("re-issue %s with keyCertSign and the same key", h.name())))
	}
	if intermediates := depth - 1; h.BasicConstraintsValid && h.MaxPathLen >= 0 && intermediates > h.MaxPathLen {
		found = append(found, about(h, PathLengthExceeded, Error,
			fmt.Sprintf("its path length constraint allows %s below it, and the path has %d", count(h.MaxPathLen, "intermediate CA"), intermediates),
			fmt.Sprintf("issue the leaf by a CA nearer to %s, or re-issue %s with a greater path length", h.name(), h.name())))
	}
	return found
}

// isCA reports whether a certificate may stand above another one. Where only
// roots end paths, that includes an uploaded version 1 root, which has no way
// to say so: crypto/x509 and OpenSSL both take it.
func (j *judgement) isCA(h *holding) bool {
	if marksCA(h.Certificate) {
		return true
	}
	return j.profile.openSSL && h.Version < 3 && len(h.uploaded) > 0 && endsItself(h.Certificate)
}

func notACA(certificate *x509.Certificate) string {
	switch {
	case certificate.Version < 3:
		return fmt.Sprintf("it is X.509 version %d, which cannot say that it is a CA: it can be a pin, and no issuer", certificate.Version)
	case !certificate.BasicConstraintsValid:
		return "it has no basic constraints, so it is no CA, yet stands as an issuer"
	default:
		return "its basic constraints say that it is no CA (CA:FALSE), yet it stands as an issuer"
	}
}

// count writes a number with its noun: "1 intermediate CA", "no intermediate CA".
func count(number int, noun string) string {
	switch number {
	case 0:
		return "no " + noun
	case 1:
		return "1 " + noun
	default:
		return fmt.Sprintf("%d %ss", number, noun)
	}
}

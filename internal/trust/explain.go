package trust

import (
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
)

const boundSteps = "the search for paths"

// explainPaths says why no path is accepted. It can also find one after all:
// crypto/x509 gives up after a number of attempts, and accepts a path that is
// shown to it alone.
func (j *judgement) explainPaths() Verdict {
	ends := j.candidates()
	for _, end := range ends {
		if !end.anchor || refuses(end.findings()) {
			continue
		}
		path := end.path()
		err := j.verifyAlone(path)
		if err == nil {
			return j.accept(PKI, path, j.demands(path))
		}
		j.note(j.unexplained(path, err))
	}
	if j.refused != nil {
		j.note(j.refusals...)
		return j.refuse(j.refused)
	}
	j.noteCandidates(ends)
	return j.refuse(ends[0].path())
}

// noteCandidates adds what is wrong with each candidate, the best one's first.
func (j *judgement) noteCandidates(ends []*step) {
	best := ends[0]
	// A leaf that replaced its pin needs the upload, not an issuer.
	if changed := j.changedPins(); len(changed) > 0 {
		j.note(changed...)
		if !best.anchor {
			best = best.without(IssuerMissing, IssuerNameDiffers, SelfSignedNotUploaded)
		}
	}
	j.note(best.findings()...)
	for _, other := range ends[1:] {
		for _, finding := range other.findings() {
			if !told(j.findings, finding) {
				finding.Detail += "; this is about another path: " + names(other.path())
				j.note(finding)
			}
		}
	}
}

// without returns the path with the findings of these codes left out at its end.
func (s *step) without(codes ...Code) *step {
	changed := *s
	changed.found = nil
	for _, finding := range s.found {
		if !slices.Contains(codes, finding.Code) {
			changed.found = append(changed.found, finding)
		}
	}
	return &changed
}

// told reports whether a finding's matter is among findings already, whatever
// its words.
func told(findings []Finding, finding Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool {
		return f.Code == finding.Code && f.Certificate == finding.Certificate
	})
}

// noteLimits says which bounds were reached. It refuses only where nothing else
// does, so that a reader sees real faults first.
func (j *judgement) noteLimits(trusted bool) {
	if len(j.limits) == 0 {
		return
	}
	severity := Warning
	if !trusted && !refuses(j.findings) {
		severity = Error
	}
	j.note(Finding{
		LimitReached, severity, "", "a limit on the work was reached by " + strings.Join(j.limits, " and by ") + ": what is said here may be incomplete",
		"upload and present fewer certificates of the same name, and none that the chain does not need",
	})
}

// unexplained is a refusal by crypto/x509 of a path in which this package finds
// no fault.
func (j *judgement) unexplained(path []*holding, err error) Finding {
	leaf := path[0]
	// With one path to judge, crypto/x509 gives this reason for one thing only:
	// certificate policies (RFC 5280, 6.1.5).
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.NoValidChains {
		return about(leaf, PolicyNotSatisfied, Error,
			"a CA above it requires a certificate policy that the path does not carry: "+names(path),
			"issue the chain with the policies that its CAs require, or use a CA that requires none")
	}
	return about(leaf, RefusedByVerifier, Error,
		fmt.Sprintf("the path %s is refused by Go's crypto/x509: %v", names(path), err),
		"re-issue the certificate that the message is about")
}

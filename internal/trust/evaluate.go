package trust

import (
	"crypto/x509"
	"fmt"
	"time"
)

// Evaluate judges whether a control plane that holds the uploaded anchors
// accepts a data plane that presents the given chain, leaf first. The order of
// the anchors matters to [KongHybridShared] alone.
//
// It looks at the first certificate presented as the leaf, whatever that is,
// and takes the others as help, in any order. Certificates must be parsed; nil
// ones are passed over with a warning.
func Evaluate(anchors, presented []*x509.Certificate, options Options) Verdict {
	// A certificate's dates count whole seconds, and its last one belongs to it
	// (RFC 5280, 4.1.2.5).
	options.At = options.At.Truncate(time.Second)
	profile, known := profileOf(options.ControlPlane)
	j := &judgement{options: options, profile: profile, held: takeInventory(anchors, presented)}
	if refusal := j.unanswerable(known); refusal != nil {
		j.note(*refusal)
		return j.refuse(nil)
	}
	if pin := j.pin(); pin != nil {
		return j.judgePin(pin)
	}
	if !profile.pki {
		return j.explainPin()
	}
	if verdict, ok := j.acceptPath(); ok {
		return verdict
	}
	return j.explainPaths()
}

// A judgement is one call of Evaluate.
type judgement struct {
	options  Options
	profile  profile
	held     *inventory
	findings []Finding
	leftOut  bool     // more was found than findings holds
	limits   []string // the bounds that were reached, in words

	// The path nearest to being accepted of those that crypto/x509 accepts and
	// that fail a demand, and what it fails.
	refused  []*holding
	refusals []Finding

	aliases         map[string]*holding // see renamed
	links           map[link]linkState
	signatureChecks int
	nameComparisons int
	lists           map[listLink]bool // whether the issuer signed the list
}

// unanswerable finds what leaves nothing to judge.
func (j *judgement) unanswerable(known bool) *Finding {
	switch {
	case !known:
		return &Finding{
			UnknownControlPlane, Error, "", fmt.Sprintf("no control plane is called %q", string(j.options.ControlPlane)),
			fmt.Sprintf("name one of %v", ControlPlanes()),
		}
	case j.options.At.IsZero():
		// crypto/x509 would take it for now, and the verdict would change by itself.
		return &Finding{InstantMissing, Error, "", "no instant is given at which to judge", "give the instant, such as now"}
	case j.held.leaf == nil:
		return &Finding{
			NothingPresented, Error, "", "no leaf certificate is presented",
			"present the data plane's certificate, and after it its intermediates",
		}
	case j.held.uploads == 0:
		return &Finding{
			NothingUploaded, Error, "", "nothing is uploaded to " + j.profile.title + ", so that it trusts no one",
			"upload the presented leaf itself, or a CA certificate that it leads to",
		}
	default:
		return nil
	}
}

// accept makes the verdict of an acceptable path.
func (j *judgement) accept(mode Mode, path []*holding, remarks []Finding) Verdict {
	j.note(remarks...)
	j.remarks(path, true)
	j.noteLimits(true)
	certificates := make([]*x509.Certificate, len(path))
	for i, h := range path {
		certificates[i] = h.Certificate
	}
	return Verdict{
		Trusted: true, Mode: mode, Anchor: certificates[len(path)-1], Path: certificates,
		Findings: j.arranged(), ValidUntil: earliestEnd(path), scene: j.scene(path, true),
	}
}

// refuse makes the verdict of a refusal that candidate, leaf first and possibly
// nil, comes closest to preventing.
func (j *judgement) refuse(candidate []*holding) Verdict {
	if j.held.leaf != nil {
		j.remarks(candidate, false)
	}
	j.noteLimits(false)
	return Verdict{Findings: j.arranged(), scene: j.scene(candidate, false)}
}

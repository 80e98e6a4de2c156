package trust

import (
	"slices"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// A scene is what [Verdict.Summary] and [Verdict.Diagram] draw. Its zero value
// is an empty stage.
type scene struct {
	title  string     // how findings call the control plane
	path   []*holding // the accepted path or the best candidate, leaf first
	others []*holding // uploads that are not on the path
	broken map[*holding]bool
}

func (j *judgement) scene(path []*holding, trusted bool) scene {
	s := scene{title: j.profile.title, path: path, broken: map[*holding]bool{}}
	for _, h := range j.held.all {
		if len(h.uploaded) > 0 && !slices.Contains(path, h) {
			s.others = append(s.others, h)
		}
	}
	for i := 0; i+1 < len(path) && !trusted; i++ {
		s.broken[path[i]] = j.check(path[i], path[i+1]) != linkGood
	}
	return s
}

// role says what a certificate of the path is there for.
func (v Verdict) role(index int) string {
	path := v.scene.path
	h := path[index]
	switch {
	case v.Mode == Pinned:
		return "pin"
	case index == 0:
		return "leaf"
	case index < len(path)-1 || len(h.uploaded) == 0 && !endsItself(h.Certificate):
		return "intermediate"
	case v.Trusted:
		return "anchor"
	case endsItself(h.Certificate):
		return "root"
	default:
		return "upload"
	}
}

// missing returns the name of the certificate that the path lacks at its end,
// and the identifier of its key if that is known; no name for a path that lacks
// none.
func (v Verdict) missing() (name, keyID string) {
	if len(v.scene.path) == 0 {
		return "", ""
	}
	last := v.scene.path[len(v.scene.path)-1]
	for _, finding := range v.findingsOn(last) {
		if finding.Code == IssuerMissing || finding.Code == UploadNoAnchor {
			return pki.DistinguishedName(last.Issuer), pki.Printable(pki.KeyID(last.AuthorityKeyId))
		}
	}
	return "", ""
}

func (v Verdict) findingsOn(h *holding) []Finding {
	var found []Finding
	described := h.describe()
	for _, finding := range v.Findings {
		if finding.Certificate == described {
			found = append(found, finding)
		}
	}
	return found
}

// mark is how a certificate fares: with an error, with a warning, or well.
func (v Verdict) mark(h *holding) Severity {
	found := v.findingsOn(h)
	switch {
	case refuses(found):
		return Error
	case len(found) > 0:
		return Warning
	default:
		return ""
	}
}

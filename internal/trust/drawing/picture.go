package drawing

import (
	"fmt"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// How much is shown: of the uploads beside the path the first few, and of a path
// too long to read both ends.
const (
	maxOthers   = 5
	shownTop    = 4
	shownBottom = 8
)

// hidden reports whether a certificate of a long path is left out, and leftOut
// how many are.
func hidden(path []trust.Node, index int) bool {
	return leftOut(path) > 1 && index >= shownBottom && index < len(path)-shownTop
}

func leftOut(path []trust.Node) int { return len(path) - shownTop - shownBottom }

// role says what a certificate of the path is there for.
func role(v trust.Verdict, index int) string {
	path := v.Picture.Path
	node := path[index]
	switch {
	case v.Mode == trust.Pinned:
		return "pin"
	case index == 0:
		return "leaf"
	case index < len(path)-1 || len(node.Uploaded) == 0 && !node.EndsItself():
		return "intermediate"
	case v.Trusted:
		return "anchor"
	case node.EndsItself():
		return "root"
	default:
		return "upload"
	}
}

// missing returns the name of the certificate that the path lacks at its end,
// and how to recognise it; no name for a path that lacks none.
func missing(v trust.Verdict) (name, wanted string) {
	if len(v.Picture.Path) == 0 {
		return "", ""
	}
	last := v.Picture.Path[len(v.Picture.Path)-1]
	for _, finding := range findingsOn(v, last) {
		if finding.Code != trust.IssuerMissing && finding.Code != trust.UploadNotAnAnchor {
			continue
		}
		wanted = "neither presented nor uploaded"
		if keyID := pki.KeyID(last.AuthorityKeyId); keyID != "" {
			wanted = "wanted: subject key id " + pki.Printable(keyID)
		}
		return pki.WriteName(last.RawIssuer), wanted
	}
	return "", ""
}

// findingsOn lists the findings on a certificate of the path.
func findingsOn(v trust.Verdict, node trust.Node) []trust.Finding {
	var found []trust.Finding
	for _, finding := range v.Findings {
		if finding.On == node.Entry {
			found = append(found, finding)
		}
	}
	return found
}

// mark is how a certificate fares: the gravest severity of its findings, empty
// for none.
func mark(v trust.Verdict, node trust.Node) trust.Severity {
	found := findingsOn(v, node)
	switch {
	case countErrors(found) > 0:
		return trust.Error
	case len(found) > 0:
		return trust.Warning
	default:
		return ""
	}
}

func countErrors(findings []trust.Finding) int {
	count := 0
	for _, finding := range findings {
		if finding.Severity == trust.Error {
			count++
		}
	}
	return count
}

// life is a certificate's dates: "2030-01-01 to 2031-01-01".
func life(e *trust.Entry) string { return day(e.NotBefore) + " to " + day(e.NotAfter) }

func day(instant time.Time) string { return instant.UTC().Format(time.DateOnly) }

// fingerprint is the beginning of a certificate's fingerprint.
func fingerprint(e *trust.Entry) string {
	return fmt.Sprintf("sha256 %s", pki.FingerprintSHA256(e.Certificate)[:12])
}

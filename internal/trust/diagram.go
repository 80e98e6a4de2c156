package trust

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// Diagram draws the verdict as a Mermaid flowchart with a final newline: the
// path from the leaf up to the anchor, or the best candidate with what is torn
// or missing, and beside it the uploads that it did not lead to.
func (v Verdict) Diagram() string {
	var text strings.Builder
	text.WriteString("flowchart BT\n")
	v.writeNodes(&text)
	v.writeArrows(&text)
	v.writeOtherNodes(&text)
	text.WriteString("  classDef good stroke:#2da44e,stroke-width:2px\n")
	text.WriteString("  classDef warn stroke:#bf8700,stroke-width:2px\n")
	text.WriteString("  classDef bad stroke:#cf222e,stroke-width:3px\n")
	text.WriteString("  classDef idle stroke-dasharray:3\n")
	return text.String()
}

func (v Verdict) writeNodes(text *strings.Builder) {
	if len(v.scene.path) == 0 {
		writeNode(text, "verdict", "bad", "nothing to draw")
	}
	for i, h := range v.scene.path {
		if v.hidden(i) {
			continue
		}
		lines := []string{
			h.name(), fmt.Sprintf("%s, %s", v.role(i), h.place()),
			fmt.Sprintf("%s to %s", day(h.NotBefore), day(h.NotAfter)), "sha256 " + pki.FingerprintSHA256(h.Certificate)[:12],
		}
		for _, finding := range v.findingsOn(h) {
			if finding.Severity == Error {
				lines = append(lines, "✗ "+string(finding.Code))
			}
		}
		writeNode(text, fmt.Sprintf("c%d", i), class(v.mark(h)), lines...)
	}
}

func (v Verdict) writeArrows(text *strings.Builder) {
	for i := range max(0, len(v.scene.path)-1) {
		switch {
		case v.hidden(i) && v.hidden(i+1):
		case v.hidden(i + 1):
			writeNode(text, "gap", "idle", fmt.Sprintf("%d more certificates", len(v.scene.path)-shownTop-shownBottom))
			fmt.Fprintf(text, "  c%d -->|\"issued by\"| gap\n", i)
		case v.hidden(i):
			fmt.Fprintf(text, "  gap -->|\"issued by\"| c%d\n", i+1)
		case v.scene.broken[v.scene.path[i]]:
			fmt.Fprintf(text, "  c%d -. \"signature does not hold\" .-> c%d\n", i, i+1)
		default:
			fmt.Fprintf(text, "  c%d -->|\"issued by\"| c%d\n", i, i+1)
		}
	}
	if missing, keyID := v.missing(); missing != "" {
		writeNode(text, "missing", "bad", missing, "MISSING", wantedKey(keyID))
		fmt.Fprintf(text, "  c%d -. \"issued by\" .-> missing\n", len(v.scene.path)-1)
	}
}

// hidden reports whether a certificate of a long path is left out.
func (v Verdict) hidden(index int) bool {
	length := len(v.scene.path)
	return length-shownTop-shownBottom > 1 && index >= shownBottom && index < length-shownTop
}

func (v Verdict) writeOtherNodes(text *strings.Builder) {
	if v.Trusted || len(v.scene.path) == 0 {
		return
	}
	others := v.scene.others
	for i, h := range others[:min(maxOthers, len(others))] {
		writeNode(text, fmt.Sprintf("u%d", i), "idle", h.name(), h.place()+", not on the way", "sha256 "+pki.FingerprintSHA256(h.Certificate)[:12])
	}
	if left := len(others) - maxOthers; left > 0 {
		writeNode(text, "more", "idle", fmt.Sprintf("%d more uploads", left))
	}
}

// writeNode draws a box; its lines are escaped here.
func writeNode(text *strings.Builder, id, class string, lines ...string) {
	for i, line := range lines {
		lines[i] = escape(line)
	}
	fmt.Fprintf(text, "  %s[\"%s\"]:::%s\n", id, strings.Join(lines, "<br/>"), class)
}

func class(mark Severity) string {
	switch mark {
	case Error:
		return "bad"
	case Warning:
		return "warn"
	default:
		return "good"
	}
}

// escape makes text safe inside a quoted Mermaid label: whatever could end the
// label, begin markup or a directive is written as a character entity, which
// Mermaid spells #number; without an ampersand.
func escape(text string) string {
	var safe strings.Builder
	for _, r := range text {
		if r < unicode.MaxASCII && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" =,.-_/()*+@:", r) {
			fmt.Fprintf(&safe, "#%d;", r)
		} else {
			safe.WriteRune(r)
		}
	}
	return safe.String()
}

package drawing

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// Diagram draws a verdict as a Mermaid flowchart with a final newline: the path
// from the leaf up to the anchor, or the best candidate with what is broken or
// missing, and beside it the uploads that it did not lead to.
func Diagram(v trust.Verdict) string {
	var text strings.Builder
	text.WriteString("flowchart BT\n")
	writeNodes(&text, v)
	writeArrows(&text, v)
	writeOtherNodes(&text, v)
	text.WriteString("  classDef good stroke:#2da44e,stroke-width:2px\n")
	text.WriteString("  classDef warn stroke:#bf8700,stroke-width:2px\n")
	text.WriteString("  classDef bad stroke:#cf222e,stroke-width:3px\n")
	text.WriteString("  classDef idle stroke-dasharray:3\n")
	return text.String()
}

func writeNodes(text *strings.Builder, v trust.Verdict) {
	if len(v.Picture.Path) == 0 {
		writeNode(text, "verdict", "bad", "nothing to draw")
	}
	for i, node := range v.Picture.Path {
		if hidden(v.Picture.Path, i) {
			continue
		}
		lines := []string{node.String(), fmt.Sprintf("%s, %s", role(v, i), node.Place()), life(node.Entry), fingerprint(node.Entry)}
		for _, finding := range findingsOn(v, node) {
			if finding.Severity == trust.Error {
				lines = append(lines, "✗ "+string(finding.Code))
			}
		}
		writeNode(text, fmt.Sprintf("c%d", i), class(mark(v, node)), lines...)
	}
}

func writeArrows(text *strings.Builder, v trust.Verdict) {
	path := v.Picture.Path
	for i := range max(0, len(path)-1) {
		switch {
		case hidden(path, i) && hidden(path, i+1):
		case hidden(path, i+1):
			writeNode(text, "gap", "idle", fmt.Sprintf("%d more certificates", leftOut(path)))
			fmt.Fprintf(text, "  c%d -->|\"issued by\"| gap\n", i)
		case hidden(path, i):
			fmt.Fprintf(text, "  gap -->|\"issued by\"| c%d\n", i+1)
		case path[i].Broken:
			fmt.Fprintf(text, "  c%d -. \"signature does not hold\" .-> c%d\n", i, i+1)
		default:
			fmt.Fprintf(text, "  c%d -->|\"issued by\"| c%d\n", i, i+1)
		}
	}
	if name, wanted := missing(v); name != "" {
		writeNode(text, "missing", "bad", name, "MISSING", wanted)
		fmt.Fprintf(text, "  c%d -. \"issued by\" .-> missing\n", len(path)-1)
	}
}

func writeOtherNodes(text *strings.Builder, v trust.Verdict) {
	others := v.Picture.Others
	if v.Trusted || len(v.Picture.Path) == 0 {
		return
	}
	for i, e := range others[:min(maxOthers, len(others))] {
		writeNode(text, fmt.Sprintf("u%d", i), "idle", e.String(), e.Place()+", not on the way", fingerprint(e))
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

func class(mark trust.Severity) string {
	switch mark {
	case trust.Error:
		return "bad"
	case trust.Warning:
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

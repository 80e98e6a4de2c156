package drawing

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// longestLine is how many letters of a name a line of a box has: those of the
// longest common name (RFC 5280, appendix A.1) and of "CN=".
const longestLine = 67

// Diagram draws a verdict as a Mermaid flowchart with a final newline: the path
// from the leaf up to the anchor, or the best candidate with what is broken or
// missing, and beside it the uploads that it did not lead to.
func Diagram(v trust.Verdict) string {
	var text strings.Builder
	text.WriteString("flowchart BT\n")
	// Mermaid breaks a line that is wider than 200 pixels at any space: within a
	// fact, if need be between a cross and its code. No line here is too long.
	text.WriteString("  %%{init: {\"flowchart\": {\"wrappingWidth\": 2000}}}%%\n")
	writeNodes(&text, v)
	writeArrows(&text, v)
	writeOtherNodes(&text, v)
	// Fill and text have colours of their own, and lines one that shows on white and
	// on black: the theme of whoever renders it is not known.
	for _, class := range []string{"good fill:#dafbe1,stroke:#2da44e", "warn fill:#fff8c5,stroke:#bf8700", "bad fill:#ffebe9,stroke:#cf222e", "idle fill:#f6f8fa,stroke:#8b949e"} {
		text.WriteString("  classDef " + class + ",color:#1f2328,stroke-width:2px,white-space:nowrap\n")
	}
	if strings.Contains(text.String(), "->") {
		text.WriteString("  linkStyle default stroke:#8b949e,stroke-width:2px\n")
	}
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
		lines := []string{role(v, i), node.Place(), life(node.Entry), fingerprint(node.Entry)}
		for _, finding := range findingsOn(v, node) {
			if finding.Severity == trust.Error {
				lines = append(lines, "✗ "+string(finding.Code))
			}
		}
		writeNode(text, fmt.Sprintf("c%d", i), class(mark(v, node)), node.String(), lines...)
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
		writeNode(text, "missing", "bad", name, "✗ MISSING", wanted)
		fmt.Fprintf(text, "  c%d -. \"issued by\" .-> missing\n", len(path)-1)
	}
}

func writeOtherNodes(text *strings.Builder, v trust.Verdict) {
	others := v.Picture.Others
	if v.Trusted || len(v.Picture.Path) == 0 {
		return
	}
	for i, e := range others[:min(maxOthers, len(others))] {
		writeNode(text, fmt.Sprintf("u%d", i), "idle", e.String(), e.Place(), "not on the way", fingerprint(e))
	}
	if left := len(others) - maxOthers; left > 0 {
		writeNode(text, "more", "idle", fmt.Sprintf("%d more uploads", left))
	}
}

// writeNode draws a box: a name in bold, and one fact a line. Lines are escaped
// here.
func writeNode(text *strings.Builder, id, class, name string, facts ...string) {
	var lines []string
	for _, part := range nameLines(name) {
		lines = append(lines, "<b>"+escape(part)+"</b>")
	}
	for _, fact := range facts {
		lines = append(lines, escape(fact))
	}
	fmt.Fprintf(text, "  %s[\"%s\"]:::%s\n", id, strings.Join(lines, "<br/>"), class)
}

// nameLines breaks a name between its parts where it is too long for one line of
// a box, and within a part only where that part by itself is.
func nameLines(name string) []string {
	var lines []string
	parts := nameParts(name)
	for i, part := range parts {
		if i < len(parts)-1 {
			part += ","
		}
		if last := len(lines) - 1; last >= 0 && utf8.RuneCountInString(lines[last]+part) <= longestLine {
			lines[last] += part
			continue
		}
		for runes := []rune(part); len(runes) > longestLine; runes = []rune(part) {
			lines, part = append(lines, string(runes[:longestLine])), string(runes[longestLine:])
		}
		lines = append(lines, part)
	}
	return lines
}

// nameParts cuts a distinguished name at the commas between its parts (RFC 4514,
// 2): those within a part have a backslash before them.
func nameParts(name string) []string {
	var parts []string
	from := 0
	for i := 0; i < len(name); i++ {
		switch name[i] {
		case '\\':
			i++
		case ',':
			parts, from = append(parts, name[from:i]), i+1
		}
	}
	return append(parts, name[from:])
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

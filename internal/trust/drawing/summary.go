package drawing

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// Summary explains a verdict to a person, in plain text of several lines with a
// final newline: the verdict, the chain as a tree from the anchor down to the
// leaf, and each finding with its hint. Names from certificates are escaped.
func Summary(v trust.Verdict) string {
	var text strings.Builder
	text.WriteString(headline(v) + "\n")
	if says := v.Picture.Says; says != "" {
		fmt.Fprintf(&text, "  it writes: %s\n", says)
	}
	if len(v.Picture.Path) > 0 {
		text.WriteString("\n")
		writeTree(&text, v)
		writeOthers(&text, v)
	}
	for _, severity := range []trust.Severity{trust.Error, trust.Warning} {
		writeFindings(&text, v, severity)
	}
	return text.String()
}

// headline is the verdict in one line. It does not name the instant of the
// judgement: a summary that is stored, as in an output, changes when the verdict
// does and not with every look at it.
func headline(v trust.Verdict) string {
	title := v.Picture.Verifier
	if title == "" {
		title = "the verifier"
	}
	leaf := "the presented chain"
	if len(v.Picture.Path) > 0 {
		leaf = v.Picture.Path[0].String()
	}
	until := pki.Stamp(v.ValidUntil)
	switch {
	case v.Mode == trust.Pinned:
		return fmt.Sprintf("TRUSTED (pinned): %s accepts %s, which is itself uploaded, until %s", title, leaf, until)
	case v.Trusted:
		return fmt.Sprintf("TRUSTED (pki): %s accepts %s, which leads to the uploaded %s, until %s", title, leaf, pki.SubjectOf(v.Anchor), until)
	default:
		return fmt.Sprintf("NOT TRUSTED: %s refuses %s, for %s", title, leaf, reasons(countErrors(v.Findings)))
	}
}

func reasons(number int) string {
	switch number {
	case 0:
		return "no reason"
	case 1:
		return "1 reason"
	default:
		return fmt.Sprintf("%d reasons", number)
	}
}

// writeTree draws the path, the anchor at the top. What refuses is marked with
// a cross, what deserves a look with an exclamation mark.
func writeTree(text *strings.Builder, v trust.Verdict) {
	path := v.Picture.Path
	rows := make([]row, 0, len(path)+1)
	if name, wanted := missing(v); name != "" {
		rows = append(rows, row{mark: trust.Error, name: name, facts: "MISSING       " + wanted})
	}
	for i, node := range slices.Backward(path) {
		broken := node.Broken && i+1 < len(path)
		rows = append(rows, row{mark: mark(v, node), broken: broken, name: node.String(), facts: facts(role(v, i), node.Entry)})
	}
	writeRows(text, elide(rows))
}

func elide(rows []row) []row {
	left := len(rows) - shownTop - shownBottom
	if left <= 1 {
		return rows
	}
	gap := row{name: "…", facts: fmt.Sprintf("%d more certificates", left)}
	return slices.Concat(rows[:shownTop], []row{gap}, rows[len(rows)-shownBottom:])
}

// A row is one certificate of the tree.
type row struct {
	mark   trust.Severity
	broken bool // the certificate above did not sign this one
	name   string
	facts  string
}

func writeRows(text *strings.Builder, rows []row) {
	width := 0
	names := make([]string, len(rows))
	for i, r := range rows {
		names[i] = branch(i, r.broken) + r.name
		width = max(width, utf8.RuneCountInString(names[i]))
	}
	for i, r := range rows {
		// Terraform breaks the lines of a message unless they begin with a space.
		fmt.Fprintf(text, " %s %-*s  %s\n", sign(r.mark), width, names[i], r.facts)
	}
}

// branch is what precedes a name at a depth of the tree.
func branch(depth int, broken bool) string {
	switch {
	case depth == 0:
		return ""
	case broken:
		return strings.Repeat("   ", depth-1) + "└╳ "
	default:
		return strings.Repeat("   ", depth-1) + "└─ "
	}
}

func sign(mark trust.Severity) string {
	switch mark {
	case trust.Error:
		return "✗"
	case trust.Warning:
		return "!"
	default:
		return " "
	}
}

// facts are a certificate's role, dates, fingerprint and place.
func facts(role string, e *trust.Entry) string {
	return fmt.Sprintf("%-12s  %s  %s  %s", role, life(e), fingerprint(e), e.Place())
}

// writeOthers lists uploads that a refused chain did not lead to: the reader
// looks for the one that was meant.
func writeOthers(text *strings.Builder, v trust.Verdict) {
	others := v.Picture.Others
	if v.Trusted || len(others) == 0 {
		return
	}
	text.WriteString("\nuploaded, but not on the way:\n")
	width := 0
	shown := others[:min(maxOthers, len(others))]
	for _, e := range shown {
		width = max(width, utf8.RuneCountInString(e.String()))
	}
	for _, e := range shown {
		fmt.Fprintf(text, "  %-*s  %s\n", width, e.String(), facts("upload", e))
	}
	if left := len(others) - len(shown); left > 0 {
		fmt.Fprintf(text, "  and %d more\n", left)
	}
}

// writeFindings lists the findings of one severity.
func writeFindings(text *strings.Builder, v trust.Verdict, severity trust.Severity) {
	for _, finding := range v.Findings {
		if finding.Severity != severity {
			continue
		}
		subject := string(finding.Code)
		if finding.Certificate != "" {
			subject += ", " + finding.Certificate
		}
		fmt.Fprintf(text, "\n%s: %s\n  %s\n  → %s\n", severity, subject, finding.Detail, finding.Hint)
	}
}

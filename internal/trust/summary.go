package trust

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// maxOthers is how many uploads beside the path a summary and a diagram show.
const maxOthers = 5

// Summary explains the verdict to a person, in plain text of several lines with
// a final newline: the verdict, the chain as a tree from the anchor down to the
// leaf, and each finding with its hint. Names from certificates are escaped.
func (v Verdict) Summary() string {
	var text strings.Builder
	text.WriteString(v.headline() + "\n")
	if len(v.scene.path) > 0 {
		text.WriteString("\n")
		v.writeTree(&text)
	}
	v.writeOthers(&text)
	for _, severity := range []Severity{Error, Warning} {
		v.writeFindings(&text, severity)
	}
	return text.String()
}

// headline is the verdict in one line. It does not name the instant of the
// judgement: a summary that is stored, as in an output, changes when the verdict
// does and not with every look at it.
func (v Verdict) headline() string {
	title := v.scene.title
	if title == "" {
		title = "the control plane"
	}
	leaf := "the presented chain"
	if len(v.scene.path) > 0 {
		leaf = v.scene.path[0].name()
	}
	switch {
	case v.Mode == Pinned:
		return fmt.Sprintf("TRUSTED (pinned): %s accepts %s, which is itself uploaded, until %s", title, leaf, v.until())
	case v.Trusted:
		return fmt.Sprintf("TRUSTED (pki): %s accepts %s, which leads to the uploaded %s, until %s", title, leaf, pki.SubjectOf(v.Anchor), v.until())
	default:
		return fmt.Sprintf("NOT TRUSTED: %s refuses %s, for %s", title, leaf, count(countErrors(v.Findings), "reason"))
	}
}

func (v Verdict) until() string { return v.ValidUntil.UTC().Format(time.RFC3339) }

// writeTree draws the path, the anchor at the top. What refuses is marked with
// a cross, what deserves a look with an exclamation mark.
func (v Verdict) writeTree(text *strings.Builder) {
	path := v.scene.path
	rows := make([]row, 0, len(path)+1)
	if missing, keyID := v.missing(); missing != "" {
		rows = append(rows, row{mark: Error, name: missing, facts: "MISSING       " + wantedKey(keyID)})
	}
	for i, h := range slices.Backward(path) {
		r := row{mark: v.mark(h), name: h.name(), facts: facts(v.role(i), h)}
		if i+1 < len(path) && v.scene.broken[h] {
			r.torn = true
		}
		rows = append(rows, r)
	}
	writeRows(text, elide(rows))
}

// Of a path too long to read, a summary and a diagram show both ends.
const (
	shownTop    = 4
	shownBottom = 8
)

func elide(rows []row) []row {
	left := len(rows) - shownTop - shownBottom
	if left <= 1 {
		return rows
	}
	gap := row{name: "…", facts: fmt.Sprintf("%d more certificates", left)}
	return slices.Concat(rows[:shownTop], []row{gap}, rows[len(rows)-shownBottom:])
}

// wantedKey says how to recognise a certificate that is missing.
func wantedKey(keyID string) string {
	if keyID == "" {
		return "neither presented nor uploaded"
	}
	return "wanted: subject key id " + keyID
}

// A row is one certificate of the tree.
type row struct {
	mark  Severity
	torn  bool // the certificate above did not sign this one
	name  string
	facts string
}

func writeRows(text *strings.Builder, rows []row) {
	width := 0
	names := make([]string, len(rows))
	for i, r := range rows {
		names[i] = branch(i, r.torn) + r.name
		width = max(width, utf8.RuneCountInString(names[i]))
	}
	for i, r := range rows {
		// Terraform breaks the lines of a message unless they begin with a space.
		fmt.Fprintf(text, " %s %-*s  %s\n", sign(r.mark), width, names[i], r.facts)
	}
}

// branch is what stands before a name at a depth of the tree.
func branch(depth int, torn bool) string {
	switch {
	case depth == 0:
		return ""
	case torn:
		return strings.Repeat("   ", depth-1) + "└╳ "
	default:
		return strings.Repeat("   ", depth-1) + "└─ "
	}
}

func sign(mark Severity) string {
	switch mark {
	case Error:
		return "✗"
	case Warning:
		return "!"
	default:
		return " "
	}
}

// facts are a certificate's role, place, dates and fingerprint.
func facts(role string, h *holding) string {
	return fmt.Sprintf("%-12s  %s to %s  sha256 %s  %s", role, day(h.NotBefore), day(h.NotAfter), pki.FingerprintSHA256(h.Certificate)[:12], h.place())
}

func day(instant time.Time) string { return instant.UTC().Format(time.DateOnly) }

// writeOthers lists uploads that a refused chain did not lead to: the reader
// looks for the one that was meant.
func (v Verdict) writeOthers(text *strings.Builder) {
	others := v.scene.others
	if v.Trusted || len(others) == 0 || len(v.scene.path) == 0 {
		return
	}
	text.WriteString("\nuploaded, but not on the way:\n")
	rows := make([]row, 0, maxOthers)
	for _, h := range others[:min(maxOthers, len(others))] {
		rows = append(rows, row{name: h.name(), facts: facts("upload", h)})
	}
	writeFlat(text, rows)
	if left := len(others) - maxOthers; left > 0 {
		fmt.Fprintf(text, "  and %d more\n", left)
	}
}

func writeFlat(text *strings.Builder, rows []row) {
	width := 0
	for _, r := range rows {
		width = max(width, utf8.RuneCountInString(r.name))
	}
	for _, r := range rows {
		fmt.Fprintf(text, "  %-*s  %s\n", width, r.name, r.facts)
	}
}

// writeFindings lists the findings of one severity.
func (v Verdict) writeFindings(text *strings.Builder, severity Severity) {
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

package trust

import (
	"fmt"
	"slices"
)

// A finding is one thing that is wrong, before it is put into words: of what a
// search finds, most is never shown.
type finding struct {
	code     Code
	severity Severity
	entry    *Entry // the certificate that it is about; nil if about none
	subject  string // what else it is about, such as a revocation list
	detail   message
	hint     message
	beside   []*Entry // the path that it is about, if that is not the best candidate
	// cutAtUpload says of a path that is too deep that an upload is among what is
	// followed.
	cutAtUpload bool
	// openSSL is the number of the error that OpenSSL has for it, where the code does
	// not say; 0 where it does. asked is the certificate at which OpenSSL comes to
	// it, if that is not entry, and turn the order of what it finds there.
	openSSL int
	asked   *Entry
	turn    int
}

// A message is a sentence whose parts are filled in when it is shown.
type message struct {
	format string
	parts  []any
}

// sayf makes a message of a format and its parts, as [fmt.Sprintf] takes them.
// An [*Entry] among them is written as its name.
func sayf(format string, parts ...any) message { return message{format, parts} }

func (m message) String() string {
	if len(m.parts) == 0 {
		return m.format
	}
	return fmt.Sprintf(m.format, m.parts...)
}

// about is a finding on one certificate.
func about(e *Entry, code Code, severity Severity, detail, hint message) finding {
	return finding{code: code, severity: severity, entry: e, detail: detail, hint: hint}
}

// place is the certificate at which the verifier comes to a finding; nil if at none.
func (f finding) place() *Entry {
	if f.asked != nil {
		return f.asked
	}
	return f.entry
}

// words puts a finding into words.
func (f finding) words(q *question) Finding {
	shown := Finding{
		Code: f.code, Severity: f.severity, On: f.entry, Certificate: f.subject, Detail: f.detail.String(), Hint: f.hint.String(),
		Clause: clauseOf(f.code),
	}
	if q.profile.says != nil && f.severity == Error && q.pool.leaf != nil {
		shown.VerifierSays = q.profile.says(q, f)
	}
	if f.entry != nil {
		shown.Certificate = inPlace(f.entry).String()
	}
	if len(f.beside) > 0 {
		shown.Detail += "; this is about another path: " + names(f.beside)
	}
	return shown
}

// sameMatter reports whether two findings are about one thing, whatever their
// words.
func (f finding) sameMatter(other finding) bool {
	return f.code == other.code && f.entry == other.entry && f.subject == other.subject
}

// A report collects the findings of one verdict, in their order.
type report struct{ findings []finding }

func (r *report) add(findings ...finding) { r.findings = append(r.findings, findings...) }

// has reports whether a finding's matter is reported already.
func (r *report) has(f finding) bool { return slices.ContainsFunc(r.findings, f.sameMatter) }

// words is what the verdict shows: each finding once, errors first, each
// severity in the order found, and no more of a kind than a reader can use.
func (r *report) words(q *question) []Finding {
	var shown []Finding
	leftOut := false
	for _, f := range r.findings {
		full := countShown(shown, f) >= maxFindingsPerCode
		if full && leftOut {
			continue
		}
		switch words := f.words(q); {
		case slices.Contains(shown, words):
		case full:
			leftOut = true
		default:
			shown = append(shown, words)
		}
	}
	slices.SortStableFunc(shown, func(a, b Finding) int { return rank(a.Severity) - rank(b.Severity) })
	kept := shown[:min(maxFindings, len(shown))]
	if leftOut || len(kept) < len(shown) {
		kept = append(slices.Clip(kept), Finding{
			Code: FindingsLeftOut, Severity: Warning, Detail: "there are more findings with the codes above than are shown here",
			Hint: "fix what is shown, then check again",
		})
	}
	return kept
}

func countShown(shown []Finding, f finding) int {
	count := 0
	for _, known := range shown {
		if known.Code == f.code && known.Severity == f.severity {
			count++
		}
	}
	return count
}

func rank(severity Severity) int {
	if severity == Error {
		return 0
	}
	return 1
}

// refuses reports whether one of the findings is an error.
func refuses(findings []finding) bool {
	return slices.ContainsFunc(findings, func(f finding) bool { return f.severity == Error })
}

func countErrors(findings []finding) int {
	count := 0
	for _, f := range findings {
		if f.severity == Error {
			count++
		}
	}
	return count
}

// asWarnings turns errors into warnings: what does not refuse in one place may
// be worth knowing there all the same.
func asWarnings(findings []finding) []finding {
	for i := range findings {
		findings[i].severity = Warning
	}
	return findings
}

// without leaves the findings of some codes out, and only keeps just those.
func without(findings []finding, codes ...Code) []finding {
	return slices.DeleteFunc(slices.Clone(findings), func(f finding) bool { return slices.Contains(codes, f.code) })
}

func only(findings []finding, codes ...Code) []finding {
	return slices.DeleteFunc(slices.Clone(findings), func(f finding) bool { return !slices.Contains(codes, f.code) })
}

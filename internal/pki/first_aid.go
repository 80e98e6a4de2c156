package pki

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Everything here says in words what is wrong with a text that holds no PEM, or
// damaged PEM, and which function of Terraform mends it. Nothing is mended by
// itself that OpenSSL refuses, and no text is ever quoted: it may be a secret.

const (
	unindent = `in a heredoc use the indented form <<-EOT, which strips the indentation`
	byHand   = `put a line break behind its BEGIN line and one in front of its END line`
)

// leadReason is about a BEGIN that something stands in front of on its line: in
// the text that ends there, lead is what does.
func leadReason(lead, section string, number int) string {
	trimmed := strings.TrimSpace(lead)
	switch {
	case trimmed == "":
		return "does not begin at the start of a line: " + unindent
	case strings.Contains(lead, endMark) && number > 1:
		return fmt.Sprintf(`begins on the line where block %d ends: put a line break between them, join("\n", ...)`, number-1)
	case strings.Contains(lead, endMark):
		return "follows an END line that has no BEGIN line"
	case strings.ContainsAny(lead, `"`) && (strings.Contains(section, `\n`) || strings.ContainsAny(lead, "{[:")):
		return "is still in JSON: other characters stand in front of BEGIN on its line; jsondecode(...) takes it out"
	case strings.Trim(trimmed, "\"'`“”‘’") == "":
		return `is in quotation marks: other characters stand in front of BEGIN on its line; trim(..., "\"'") removes quotation marks`
	case strings.HasSuffix(trimmed, ":") || strings.HasSuffix(trimmed, "="):
		return "does not begin at the start of a line: other characters stand in front of BEGIN on its line, as in YAML or an environment file; take the value out first, for YAML with yamldecode(...)"
	case strings.TrimFunc(trimmed, isInvisible) == "":
		return `does not begin at the start of a line: characters that cannot be seen stand in front of BEGIN on its line; replace(..., "/[^\\x00-\\x7f]/", "") removes them`
	case strings.Trim(lead, "-") == "":
		return "has a BEGIN line with more than five hyphens on a side"
	default:
		return "does not begin at the start of a line: other characters stand in front of BEGIN on its line; remove them"
	}
}

func isInvisible(r rune) bool {
	return r > unicode.MaxASCII && (unicode.IsSpace(r) || !unicode.IsGraphic(r) || unicode.Is(unicode.Cf, r))
}

// cutOffReason is about a block without an END line.
func cutOffReason(section string) string {
	_, behind, _ := strings.Cut(section, "\n")
	switch {
	case strings.Contains(behind, "-----end "):
		return "has an END line in small letters"
	case strings.Contains(behind, "-END"), strings.Contains(behind, "- END"):
		return "has an END line without five hyphens and a space around END"
	case strings.Contains(behind, "—END"), strings.Contains(behind, "–END"):
		return "has an END line with dashes instead of hyphens, as word processors write them"
	default:
		return "is cut off: its END line is missing"
	}
}

// withoutLineEnds removes from the end of each line what OpenSSL passes over
// there: control characters, and others that cannot be seen.
func withoutLineEnds(section string) string {
	var kept strings.Builder
	kept.Grow(len(section))
	for line := range strings.Lines(section) {
		kept.WriteString(strings.TrimRightFunc(line, func(r rune) bool { return r <= ' ' || isInvisible(r) }))
		kept.WriteByte('\n')
	}
	return kept.String()
}

// damageReason is about a block that has a BEGIN and an END and cannot be read.
func damageReason(section string) string {
	heading, rest, _ := strings.Cut(section, "\n")
	name, behind, closed := strings.Cut(heading[len(beginMark):], hyphens)
	end := strings.Index(section, endMark)
	switch {
	case !closed:
		return "has a BEGIN line that does not end in five hyphens"
	case end < len(heading) && strings.TrimSpace(behind) != "":
		return lostBreaks(name, behind)
	case strings.Trim(behind, "- \t\r") == "" && strings.TrimSpace(behind) != "":
		return "has a BEGIN line with more than five hyphens on a side"
	case strings.TrimSpace(behind) != "":
		return "has no line break behind its BEGIN line: put one there"
	}
	line := section[end:]
	line, _, _ = strings.Cut(line, "\n")
	if reason := endReason(section[:end], name, line); reason != "" {
		return reason
	}
	return bodyReason(rest[:end-len(heading)-1])
}

// lostBreaks is about a block in one line: behind is what stands behind its BEGIN
// there, and name its label.
func lostBreaks(name, behind string) string {
	body, _, _ := strings.Cut(behind, endMark)
	switch {
	case strings.Contains(body, "%0A") || strings.Contains(body, "%0a"):
		return "is URL-encoded, with %0A instead of line breaks: decode it first"
	case strings.Contains(body, "&#"):
		return "has line breaks written as in XML or HTML: decode it first"
	case strings.Contains(body, "\r"):
		return `has carriage returns instead of line breaks: replace(..., "\r", "\n")`
	case strings.ContainsAny(strings.TrimSpace(body), " \t"):
		return "has lost its line breaks; spaces stand in their place: " + breaksForSpaces(name)
	default:
		return "has lost its line breaks: " + byHand + breaksForNone(name)
	}
}

// breaksForSpaces puts line breaks for spaces, but for those within a label.
func breaksForSpaces(name string) string {
	words := []string{"BEGIN", "END"}
	if shown := shownLabel(name); shown == name {
		all := strings.Fields(name)
		words = append(words, all[:len(all)-1]...)
	}
	return fmt.Sprintf(`replace(replace(..., "/\\s+/", "\n"), "/\\b(%s)\n/", "$1 ")`, strings.Join(words, "|"))
}

func breaksForNone(name string) string {
	if shownLabel(name) != name {
		return ""
	}
	return fmt.Sprintf(`, replace(replace(..., "BEGIN %s-----", "BEGIN %s-----\n"), "-----END", "\n-----END")`, name, name)
}

// endReason is about the END line: what stands before it, the label of BEGIN, and
// the line itself. Empty if nothing is wrong with it.
func endReason(before, name, line string) string {
	lead := before[strings.LastIndex(before, "\n")+1:]
	label, behind, closed := strings.Cut(line[len(endMark):], hyphens)
	switch {
	case strings.TrimSpace(lead) == "" && lead != "":
		return `has an indented END line: replace(..., "/(?m)^[ \\t]+/", "")`
	case lead != "" && strings.Trim(lead, "-") == "":
		return "has an END line with more than five hyphens on a side"
	case lead != "" && strings.Trim(lead, base64Letters) == "":
		return "has no line break in front of its END line: put one there"
	case lead != "":
		return "has an END line that other characters stand in front of: remove them"
	case !closed:
		return "has an END line that does not end in five hyphens"
	case label != name:
		return fmt.Sprintf("has a BEGIN line for %s and an END line for %s: parts of two blocks, or a line that was edited", shownLabel(name), shownLabel(label))
	case strings.TrimSpace(behind) != "":
		return "has other characters behind END on its line: remove them"
	default:
		return ""
	}
}

const base64Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="

// bodyReason is about what stands between the BEGIN and the END line.
func bodyReason(body string) string {
	const damaged = "is damaged: the text between BEGIN and END is not base64"
	if at := strings.IndexFunc(body, func(r rune) bool { return !strings.ContainsRune(base64Letters+" \t\r\n", r) }); at >= 0 {
		r, _ := utf8.DecodeRuneInString(body[at:])
		return damaged + strangerReason(r)
	}
	switch bare := strings.TrimRight(strings.TrimSpace(body), "="); {
	case bare == "":
		return "has nothing between BEGIN and END"
	case strings.Contains(bare, "="):
		return damaged + "; an = stands in the middle of it, as where two were joined"
	default:
		return damaged + " of a whole number of bytes: characters are missing, or too many"
	}
}

// strangerReason is about a character that is not of base64. It goes on from that.
func strangerReason(r rune) string {
	switch {
	case r == '-' || r == '_':
		return ` but its form for URLs, with - and _ instead of + and /`
	case r == '.' || r == '…':
		return "; dots stand in it, as where a text was shortened"
	case r == '#' || r == ';':
		return "; a comment stands in it"
	case r == '*':
		return "; asterisks stand in it, as where a secret was masked"
	case r > unicode.MaxASCII:
		return "; a character stands in it that is not ASCII"
	default:
		return ""
	}
}

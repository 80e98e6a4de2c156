package drawing

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// Bounds of a timeline, so that it can be read whatever the fleet's size.
const (
	maxBars    = 12 // of a section
	maxRefused = 6
)

// chartTheme has colours for bars and what is written on them, and grey for what
// is written beside them, which shows on white and on black: the theme of whoever
// renders it is not known, and sections have no colour of their own.
const chartTheme = `{"gantt": {"leftPadding": 130}, "theme": "base", "themeVariables": {` +
	`"titleColor": "#768390", "textColor": "#768390", "gridColor": "#8b949e", "taskTextOutsideColor": "#768390", "taskTextColor": "#1f2328", "taskTextLightColor": "#1f2328", "taskTextDarkColor": "#1f2328", ` +
	`"sectionBkgColor": "#8b949e", "altSectionBkgColor": "#ffffff00", "sectionBkgColor2": "#8b949e", ` +
	`"taskBkgColor": "#ddf4ff", "taskBorderColor": "#0969da", "activeTaskBkgColor": "#dafbe1", "activeTaskBorderColor": "#2da44e", ` +
	`"doneTaskBkgColor": "#fff8c5", "doneTaskBorderColor": "#bf8700", "critBkgColor": "#ffebe9", "critBorderColor": "#cf222e"}}`

// Timeline draws the lives of a fleet as a Mermaid gantt chart with a final
// newline, of fewer than 40,000 characters: those of the uploads, with the times
// in which two of one name are both trusted, of the intermediates, of the chains
// that are accepted, in groups by when they end, and of those that are refused.
// It names no instant of the judgement, so that one that is stored, as in an
// output, changes when the fleet does and not with every look at it: whoever
// renders it draws a line at the present day.
func Timeline(fleet trust.Fleet) string {
	c := newChart(fleet)
	c.line("gantt")
	c.line("  %%%%{init: %s}%%%%", chartTheme)
	c.line("  title %s, %s", safe(chains(len(fleet.Members))), safe(fleet.Verifier))
	c.line("  dateFormat YYYY-MM-DDTHH:mm:ss")
	c.line("  axisFormat %%Y-%%m-%%d")
	c.line("  todayMarker stroke-width:2px,stroke:#cf222e,opacity:0.6")
	c.uploads(fleet)
	c.intermediates(fleet)
	c.accepted(fleet)
	c.refused(fleet)
	if newest := newestLeaf(fleet); newest != nil {
		c.line("  section Instants")
		c.milestone("last renewal: "+nameOf(newest.Name), newest.Leaf.NotBefore)
	}
	if first := fleet.FirstEnd(); first != nil {
		c.milestone("first end: "+nameOf(first.Name), first.ValidUntil)
	}
	return c.text.String()
}

// A chart is a gantt chart that is being written. What lies outside of its window
// is cut off: a root lives for decades, and the lives of leaves must be seen.
type chart struct {
	text     strings.Builder
	from, to time.Time
	bars     int
}

// newChart has a window around the lives of the leaves; without any, around the
// day of the judgement.
func newChart(fleet trust.Fleet) *chart {
	c := &chart{}
	for _, m := range fleet.Members {
		if m.Leaf == nil {
			continue
		}
		if c.from.IsZero() {
			c.from, c.to = m.Leaf.NotBefore, m.Leaf.NotBefore
		}
		c.include(m.Leaf.NotBefore)
		c.include(m.Leaf.NotAfter)
		if m.Trusted {
			c.include(m.ValidUntil)
		}
	}
	if c.from.IsZero() {
		c.from = fleet.At.Truncate(24 * time.Hour)
		c.to = c.from
	}
	if !c.from.Before(c.to) {
		c.to = c.from.Add(24 * time.Hour)
	}
	margin := c.to.Sub(c.from) / 20
	c.from, c.to = c.from.Add(-margin), c.to.Add(margin)
	return c
}

// include widens the window, within what is not absurd.
func (c *chart) include(instant time.Time) {
	const farthest = 40 * 365 * 24 * time.Hour
	switch {
	case instant.Before(c.from) && c.to.Sub(instant) < farthest:
		c.from = instant
	case instant.After(c.to) && instant.Sub(c.from) < farthest:
		c.to = instant
	}
}

func (c *chart) line(format string, parts ...any) { fmt.Fprintf(&c.text, format+"\n", parts...) }

// bar draws one life, cut to the window; tags are those of Mermaid, such as
// "crit, ". A life outside of it is drawn at its edge.
func (c *chart) bar(label, tags string, from, to time.Time) {
	c.bars++
	from, to = c.within(from), c.within(to)
	if !from.Before(to) {
		to = from.Add(time.Second)
	}
	c.line("  %s :%sb%d, %s, %s", safe(label), tags, c.bars, stamp(from), stamp(to))
}

func (c *chart) milestone(label string, at time.Time) {
	c.bars++
	c.line("  %s, %s :milestone, b%d, %s, 0d", safe(label), day(at), c.bars, stamp(c.within(at)))
}

func (c *chart) within(instant time.Time) time.Time {
	switch {
	case instant.Before(c.from):
		return c.from
	case instant.After(c.to):
		return c.to
	default:
		return instant
	}
}

func stamp(instant time.Time) string { return instant.UTC().Format("2006-01-02T15:04:05") }

// lifeOf is what a bar says of a certificate.
func lifeOf(certificate *x509.Certificate) string {
	return fmt.Sprintf("%s, until %s", short(commonName(certificate), longestName), day(certificate.NotAfter))
}

// uploads draws the uploads, the first ending first, and where two of one name
// are both trusted.
func (c *chart) uploads(fleet trust.Fleet) {
	if len(fleet.Uploads) == 0 {
		return
	}
	c.line("  section Uploaded")
	ordered := byEnd(fleet.Uploads)
	for _, upload := range ordered[:min(maxBars, len(ordered))] {
		c.bar(lifeOf(upload), "", upload.NotBefore, upload.NotAfter)
	}
	if left := ordered[min(maxBars, len(ordered)):]; len(left) > 0 {
		c.bar(fmt.Sprintf("%s more uploads, from %s", number(len(left)), day(left[0].NotAfter)), "", earliest(left), left[0].NotAfter)
	}
	shown := 0
	for i, older := range ordered {
		for _, newer := range ordered[i+1 : min(len(ordered), i+maxBars)] {
			if shown < maxRefused && bytes.Equal(older.RawSubject, newer.RawSubject) && newer.NotBefore.Before(older.NotAfter) {
				shown++
				c.bar(fmt.Sprintf("%s, overlap", short(commonName(older), longestName)), "done, ", newer.NotBefore, older.NotAfter)
			}
		}
	}
}

// intermediates draws what is presented beside the leaves, each once.
func (c *chart) intermediates(fleet trust.Fleet) {
	count := map[string]int{}
	var all []*x509.Certificate
	for _, m := range fleet.Members {
		for _, certificate := range m.Intermediates {
			if count[string(certificate.Raw)]++; count[string(certificate.Raw)] == 1 {
				all = append(all, certificate)
			}
		}
	}
	if len(all) == 0 {
		return
	}
	c.line("  section Presented issuers")
	ordered := byEnd(all)
	for _, certificate := range ordered[:min(maxBars, len(ordered))] {
		c.bar(fmt.Sprintf("%s, with %s", lifeOf(certificate), chains(count[string(certificate.Raw)])), "", certificate.NotBefore, certificate.NotAfter)
	}
	if left := ordered[min(maxBars, len(ordered)):]; len(left) > 0 {
		c.bar(fmt.Sprintf("%s more, from %s", number(len(left)), day(left[0].NotAfter)), "", earliest(left), left[0].NotAfter)
	}
}

// accepted draws the accepted chains: each, if they are few, or else groups of
// those that end in the same part of the time.
func (c *chart) accepted(fleet trust.Fleet) {
	members := slices.DeleteFunc(slices.Clone(fleet.Members), func(m trust.Member) bool { return !m.Trusted })
	if len(members) == 0 {
		return
	}
	c.line("  section Accepted, %s", number(len(members)))
	slices.SortStableFunc(members, func(a, b trust.Member) int { return a.ValidUntil.Compare(b.ValidUntil) })
	if len(members) <= maxBars {
		for _, m := range members {
			c.bar(fmt.Sprintf("%s, until %s", nameOf(m.Name), day(m.ValidUntil)), "active, ", m.Leaf.NotBefore, m.ValidUntil)
		}
		return
	}
	for _, part := range byTime(members) {
		c.group(part)
	}
}

// byTime parts members, which are ordered by their ends, into at most maxBars
// equal parts of the time between the first and the last end.
func byTime(members []trust.Member) [][]trust.Member {
	first := members[0].ValidUntil
	width := members[len(members)-1].ValidUntil.Sub(first)/maxBars + 1
	var parts [][]trust.Member
	at := time.Duration(-1)
	for _, m := range members {
		if in := m.ValidUntil.Sub(first) / width; in != at {
			parts, at = append(parts, nil), in
		}
		parts[len(parts)-1] = append(parts[len(parts)-1], m)
	}
	return parts
}

// group draws chains that end at about the same time: their lives up to the
// first end, and the time in which the others follow.
func (c *chart) group(members []trust.Member) {
	first, last := members[0], members[len(members)-1]
	begins := first.Leaf.NotBefore
	for _, m := range members {
		if m.Leaf.NotBefore.Before(begins) {
			begins = m.Leaf.NotBefore
		}
	}
	until := "until " + day(first.ValidUntil)
	if day(first.ValidUntil) != day(last.ValidUntil) {
		until = fmt.Sprintf("until %s to %s", day(first.ValidUntil), day(last.ValidUntil))
	}
	c.bar(fmt.Sprintf("%s, %s", fromTo(members), until), "active, ", begins, last.ValidUntil)
}

// fromTo names chains: "fra-1 and 40 more".
func fromTo(members []trust.Member) string {
	byName := slices.Clone(members)
	slices.SortStableFunc(byName, func(a, b trust.Member) int { return trust.CompareNames(a.Name, b.Name) })
	name := nameOf(byName[0].Name)
	if len(byName) == 1 {
		return name
	}
	return fmt.Sprintf("%s and %s more", name, number(len(byName)-1))
}

// refused draws the refused chains, in groups of equal reasons.
func (c *chart) refused(fleet trust.Fleet) {
	refused, _ := groups(fleet)
	if len(refused) == 0 {
		return
	}
	count := 0
	for _, one := range refused {
		count += len(one.members)
	}
	c.line("  section Refused, %s", number(count))
	for _, one := range refused[:min(maxRefused, len(refused))] {
		from, to := c.from, c.to
		if leaf := one.members[0].Leaf; leaf != nil {
			from, to = leaf.NotBefore, leaf.NotAfter
		}
		c.bar(fmt.Sprintf("%s, %s", fromTo(one.members), short(one.reason, longestName)), "crit, ", from, to)
	}
	if left := len(refused) - maxRefused; left > 0 {
		c.bar(fmt.Sprintf("%d more reasons", left), "crit, ", c.from, c.to)
	}
}

// newestLeaf is the member whose certificate was issued last; nil for none.
func newestLeaf(fleet trust.Fleet) *trust.Member {
	var newest *trust.Member
	for i := range fleet.Members {
		if m := &fleet.Members[i]; m.Leaf != nil && (newest == nil || m.Leaf.NotBefore.After(newest.Leaf.NotBefore)) {
			newest = m
		}
	}
	return newest
}

func byEnd(certificates []*x509.Certificate) []*x509.Certificate {
	ordered := slices.Clone(certificates)
	slices.SortStableFunc(ordered, func(a, b *x509.Certificate) int { return a.NotAfter.Compare(b.NotAfter) })
	return ordered
}

func earliest(certificates []*x509.Certificate) time.Time {
	return slices.MinFunc(certificates, func(a, b *x509.Certificate) int { return a.NotBefore.Compare(b.NotBefore) }).NotBefore
}

// safe makes a text safe as a title, a section or a bar's label of a gantt chart.
// Beside what [escape] writes as an entity, a colon would end a label, and one
// that begins with a word of the grammar, or with a date, would be taken for it.
func safe(text string) string {
	reserved := regexp.MustCompile(`(?i)^(gantt|title|section|click|call|href|dateformat|axisformat|tickinterval|excludes|includes|todaymarker|week|inclusive|topaxis|acc|\d{4}-)`)
	text = strings.TrimSpace(text)
	first := ""
	if reserved.MatchString(text) {
		first, text = fmt.Sprintf("#%d;", text[0]), text[1:]
	}
	return first + strings.ReplaceAll(escape(text), ":", "#58;")
}

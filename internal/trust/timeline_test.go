package trust_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
	"github.com/trustplane/terraform-provider-mtls/internal/trust/drawing"
)

// worstFleet is a fleet that has a reason and names of its own for every chain:
// names of chains that Mermaid could take for its grammar, and subjects of the
// most letters.
func worstFleet(tb testing.TB, size int) trust.Fleet {
	tb.Helper()
	var text strings.Builder
	var settings []pkitest.Setting
	names := []string{"section", "click here", "2030-01-01", "title: x", "a;b#c%%d", "`\"<b>", "ü\n\x1b[31m", "%%{init: {}}%%", strings.Repeat("long-", 40), "gantt"}
	var nodes []string
	for i := range size {
		node := fmt.Sprintf("edge-%d", i)
		fmt.Fprintf(&text, "%s <- ca-%d\n", node, i%40)
		settings = append(settings, pkitest.With(node, pkitest.Subject(pkix.Name{CommonName: strings.Repeat("x", 60), Organization: []string{strings.Repeat("y;:#%", 12)}})))
		switch i % 3 {
		case 0:
			settings = append(settings, pkitest.With(node, pkitest.ExpiredFor(time.Duration(i+1)*time.Minute), pkitest.Purposes(x509.ExtKeyUsageServerAuth)))
		case 1:
			settings = append(settings, pkitest.With(node, pkitest.EndsIn(time.Duration(i+1)*time.Hour)))
		}
		nodes = append(nodes, node)
	}
	graph := pkitest.Build(tb, text.String(), settings...)
	var anchors []*x509.Certificate
	for i := range min(size, 20) {
		anchors = append(anchors, graph.Certificate(fmt.Sprintf("ca-%d", i)))
	}
	var chains []trust.Chain
	for i, node := range nodes {
		chains = append(chains, trust.Chain{Name: fmt.Sprintf("%s %d", names[i%len(names)], i), Presented: graph.Certificates(node, fmt.Sprintf("ca-%d", i%40))})
	}
	chains = append(chains, trust.Chain{Name: ""}, trust.Chain{Name: "unreadable", Presented: []*x509.Certificate{nil}})
	return trust.EvaluateFleet(anchors, chains, trust.Options{At: pkitest.Now()})
}

// TestFleetTextIsBounded, whatever the fleet's size and its names.
func TestFleetTextIsBounded(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 5, 500, 1000} {
		fleet := worstFleet(t, size)
		summary, timeline := drawing.FleetSummary(fleet), drawing.Timeline(fleet)
		if count := utf8.RuneCountInString(summary); count >= 4000 || !strings.HasSuffix(summary, "\n") {
			t.Errorf("%d chains: %d characters of summary:\n%s", size, count, summary)
		}
		if count := utf8.RuneCountInString(timeline); count >= 40_000 {
			t.Errorf("%d chains: %d characters of timeline", size, count)
		}
		if strings.ContainsAny(summary+timeline, "\x1b") {
			t.Errorf("%d chains: a name is not escaped", size)
		}
		checkGantt(t, timeline)
	}
}

// checkGantt holds a chart against the part of Mermaid's grammar that timelines
// use: each line is one of these, and a label has nothing in it that ends it or
// that is a word of the grammar.
func checkGantt(t *testing.T, chart string) {
	t.Helper()
	const label = `(?:[^:;#%"<>\x00-\x1f]|#\d+;)+`
	const instant = `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d`
	reserved := regexp.MustCompile(`(?i)^\s*(gantt|title|section|click|call|href|dateformat|axisformat|tickinterval|excludes|includes|todaymarker|week|inclusive|topaxis|acc|\d{4}-\d\d-\d\d)`)
	header := regexp.MustCompile(`^  (%%\{init: \{.*\}\}%%|title ` + label + `|dateFormat YYYY-MM-DDTHH:mm:ss|axisFormat %Y-%m-%d|todayMarker [\w:#,.-]+|section ` + label + `)$`)
	task := regexp.MustCompile(`^  (` + label + `) :(?:(?:crit|done|active), )?(?:milestone, )?(b\d+), (` + instant + `), (?:(` + instant + `)|0d)$`)
	lines := strings.Split(strings.TrimSuffix(chart, "\n"), "\n")
	if lines[0] != "gantt" {
		t.Errorf("it begins with %q", lines[0])
	}
	known, tasks := map[string]bool{}, 0
	for _, line := range lines[1:] {
		if header.MatchString(line) {
			continue
		}
		found := task.FindStringSubmatch(line)
		switch {
		case found == nil:
			t.Errorf("not a line of the grammar: %q", line)
			continue
		case reserved.MatchString(found[1]):
			t.Errorf("a label that Mermaid takes for something else: %q", line)
		case known[found[2]]:
			t.Errorf("a second bar is called %s", found[2])
		case found[4] != "" && found[4] <= found[3]:
			t.Errorf("a bar that ends before it begins: %q", line)
		}
		known[found[2]] = true
		tasks++
	}
	if tasks > 60 {
		t.Errorf("%d bars", tasks)
	}
}

// TestDiagramLines: a diagram's lines are of the grammar, no fact is broken, and
// the name is in bold.
func TestDiagramLines(t *testing.T) {
	t.Parallel()
	graph := pkitest.Build(t, "edge <- issuing <- root\nother", pkitest.With("edge", pkitest.ExpiredFor(time.Hour), pkitest.Purposes(x509.ExtKeyUsageServerAuth),
		pkitest.Subject(pkix.Name{CommonName: "edge-1.frankfurt.dataplanes.acme.example", Organization: []string{"Acme Gateways, Inc. (\"Acme\")"}, Country: []string{"DE"}})))
	const text = `(?:[^"<>#;\[\]\x00-\x1f]|#\d+;)+`
	const arrow = `(?:c\d+|gap) (?:-->\|"` + text + `"\||-\. "` + text + `" \.->) (?:c\d+|gap|missing)`
	line := regexp.MustCompile(`^  (?:\w+\["(?:<b>` + text + `</b><br/>)*<b>` + text + `</b>(?:<br/>` + text + `)*"\]:::\w+|` + arrow + `|classDef \w+ [\w:#,-]+|linkStyle default [\w:#,-]+|%%\{init: \{.*\}\}%%)$`)
	for _, presented := range []string{"edge issuing", "edge", "other"} {
		diagram := drawing.Diagram(trust.Evaluate(graph.Certificates("root other"), graph.Certificates(presented), trust.Options{At: pkitest.Now()}))
		lines := strings.Split(strings.TrimSuffix(diagram, "\n"), "\n")
		if lines[0] != "flowchart BT" {
			t.Errorf("it begins with %q", lines[0])
		}
		for _, one := range lines[1:] {
			if !line.MatchString(one) {
				t.Errorf("not a line of the grammar: %q", one)
			}
		}
		if presented == "edge issuing" && !strings.Contains(diagram, "<b>CN=edge-1.frankfurt.dataplanes.acme.example,</b><br/><b>O=Acme Gateways") {
			t.Errorf("the name is not broken between its parts:\n%s", diagram)
		}
		if presented == "edge issuing" && !strings.Contains(diagram, "<br/>✗ wrong_purpose") {
			t.Errorf("no line for the code:\n%s", diagram)
		}
	}
}

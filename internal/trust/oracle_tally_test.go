package trust_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// An oracle is somebody else who judges the same chains: a published suite, a
// program, a server. A tally holds its answers against those of Evaluate.
//
// Every difference needs an entry in known: the case, and the reason why the
// two may differ there. A difference that is not listed fails the test, and so
// does an entry that no case differs by any more.
type tally struct {
	oracle  string
	known   map[string]string
	ran     int
	agreed  int
	differs map[string]string // by case: who says what
	skipped map[string]int    // by reason
}

func newTally(oracle string, known map[string]string) *tally {
	return &tally{oracle: oracle, known: known, differs: map[string]string{}, skipped: map[string]int{}}
}

// skip counts a case that cannot be asked.
func (c *tally) skip(reason string) { c.skipped[reason]++ }

// compare counts a case that was asked of both; ours is what Evaluate said, in
// words, for a report.
func (c *tally) compare(name string, oracleTrusts, weTrust bool, ours string) {
	c.ran++
	if oracleTrusts == weTrust {
		c.agreed++
		return
	}
	c.differs[name] = fmt.Sprintf("%s says %s, Evaluate says %s", c.oracle, verdictWord(oracleTrusts), ours)
}

func verdictWord(trusted bool) string {
	if trusted {
		return "trusted"
	}
	return "refused"
}

// report prints the counts and fails for whatever is not accounted for.
func (c *tally) report(t *testing.T) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(c.differs)) {
		if c.known[name] == "" {
			t.Errorf("%s: %s, and no reason is listed", name, c.differs[name])
			continue
		}
		t.Logf("differs: %s: %s: %s", name, c.differs[name], c.known[name])
	}
	for name := range c.known {
		if c.differs[name] == "" {
			t.Errorf("%s: listed as a difference, and differs no more", name)
		}
	}
	announce(t, c.line())
}

// line is the tally in one line.
func (c *tally) line() string {
	skipped := 0
	reasons := make([]string, 0, len(c.skipped))
	for _, reason := range slices.Sorted(maps.Keys(c.skipped)) {
		skipped += c.skipped[reason]
		reasons = append(reasons, fmt.Sprintf("%d %s", c.skipped[reason], reason))
	}
	listed := 0
	for name := range c.differs {
		if c.known[name] != "" {
			listed++
		}
	}
	line := fmt.Sprintf("oracle %s: %d ran, %d agreed, %d differed (%d of them listed with a reason), %d skipped",
		c.oracle, c.ran, c.agreed, len(c.differs), listed, skipped)
	if skipped > 0 {
		line += " (" + strings.Join(reasons, "; ") + ")"
	}
	return line
}

// announce writes a line to the test's log and to standard output, where it is
// seen among the names of the tests.
func announce(t *testing.T, line string) {
	t.Helper()
	t.Log(line)
	fmt.Fprintln(os.Stdout, line)
}

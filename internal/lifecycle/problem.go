package lifecycle

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
)

// A Severity parts what stops a plan or an apply from what deserves attention.
type Severity int

// The two severities.
const (
	Error Severity = iota
	Warning
)

// A Problem is one thing to report to the user, with its place.
type Problem struct {
	// Slot is the name of the certificate among several; empty where the problem
	// is the whole resource's, or there is only one.
	Slot string
	// Field is the attribute, by the name that users write, with a period before a
	// nested one; empty for the resource or slot as a whole.
	Field string
	// Index is the position in Field's list, from 0; -1 for the whole.
	Index    int
	Severity Severity
	Summary  string // a few words
	Detail   string // which certificate, what is wrong, what to do
}

// Problems collects them, each once.
type Problems struct {
	list []Problem
	seen map[Problem]bool
}

// mostAlike is how many problems of one summary are reported: Terraform prints
// each of them, and nobody reads more.
const mostAlike = 50

// All lists what was found, in the order found. Of more than 50 with the same
// summary, the last that is listed says how many more there are.
func (p *Problems) All() []Problem {
	type kind struct {
		severity Severity
		summary  string
	}
	total, listed := map[kind]int{}, map[kind]int{}
	for _, one := range p.list {
		total[kind{one.Severity, one.Summary}]++
	}
	var all []Problem
	for _, one := range p.list {
		alike := kind{one.Severity, one.Summary}
		if listed[alike]++; listed[alike] > mostAlike {
			continue
		}
		if more := total[alike] - mostAlike; listed[alike] == mostAlike && more > 0 {
			one.Detail += fmt.Sprintf(" There are %d more of this kind.", more)
		}
		all = append(all, one)
	}
	return all
}

// Failed reports whether one of them is an error.
func (p *Problems) Failed() bool {
	return slices.ContainsFunc(p.list, func(one Problem) bool { return one.Severity == Error })
}

// Add adds a problem, unless the same is there already.
func (p *Problems) Add(problem Problem) {
	if p.seen[problem] {
		return
	}
	if p.seen == nil {
		p.seen = map[Problem]bool{}
	}
	p.seen[problem] = true
	p.list = append(p.list, problem)
}

func (p *Problems) fail(slot, field, summary, detail string) {
	p.Add(Problem{Slot: slot, Field: field, Index: -1, Severity: Error, Summary: summary, Detail: detail})
}

func (p *Problems) warn(slot, field, summary, detail string) {
	p.Add(Problem{Slot: slot, Field: field, Index: -1, Severity: Warning, Summary: summary, Detail: detail})
}

// addViolations reports the engine's violations of slot s. What all slots share
// is reported once, on the resource; a key that is write-only on its own
// attribute.
func (p *Problems) addViolations(s *Slot, violations []issue.Violation, severity Severity) {
	for _, violation := range violations {
		problem := Problem{
			Slot: s.Name, Field: violation.Field, Index: violation.Index, Severity: severity,
			Summary: violation.Summary, Detail: violation.Detail,
		}
		if problem.Field == "private_key_pem" {
			problem.Field = s.Want.Key.field()
		}
		if shared(problem.Field) || slices.Contains(s.Want.Shared, problem.Field) {
			problem.Slot = ""
		}
		p.Add(problem)
	}
}

// shared reports whether a field is the same for every slot of a resource.
func shared(field string) bool {
	root, _, _ := strings.Cut(field, ".")
	switch root {
	case "issuer", "validity", "extended_key_usages", "key_algorithm", "renew_before", "overlap":
		return true
	default:
		return false
	}
}

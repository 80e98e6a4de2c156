package issue

import (
	"fmt"
	"strings"
)

// A Violation is one rule that a request breaks.
type Violation struct {
	// Field is the part of the request at fault, by the name that users write,
	// with a period before a nested one: "dns_names", "issuer.certificate_pem".
	Field string
	// Index is the position in Field's list, from 0; -1 where the fault is of
	// the whole.
	Index int
	// Summary says in a few words what is wrong.
	Summary string
	// Detail says which value or certificate it is about, and what to do.
	Detail string
}

func (v Violation) String() string {
	if v.Index >= 0 {
		return fmt.Sprintf("%s[%d]: %s: %s", v.Field, v.Index, v.Summary, v.Detail)
	}
	return fmt.Sprintf("%s: %s: %s", v.Field, v.Summary, v.Detail)
}

// A ViolationsError is returned by [Issue] for a request that breaks rules: all
// of them, in the order of the request's fields.
type ViolationsError struct {
	Violations []Violation
}

func (e *ViolationsError) Error() string {
	texts := make([]string, 0, len(e.Violations))
	for _, violation := range e.Violations {
		texts = append(texts, violation.String())
	}
	return strings.Join(texts, "; ")
}

// violations collects what is found.
type violations []Violation

func (v *violations) add(field, summary, format string, arguments ...any) {
	v.addAt(field, -1, summary, format, arguments...)
}

// blameCSR moves what is wrong with the adopted fields to the signing
// request that they came from: nobody wrote them elsewhere.
func (v *violations) blameCSR(adopted map[string]bool) {
	for i, violation := range *v {
		if field, _, _ := strings.Cut(violation.Field, "."); adopted[field] {
			(*v)[i].Field, (*v)[i].Index = fieldCSR, -1
			(*v)[i].Detail += " It comes from the certificate request: set " + field + " here to override it."
		}
	}
}

func (v *violations) addAt(field string, index int, summary, format string, arguments ...any) {
	*v = append(*v, Violation{Field: field, Index: index, Summary: summary, Detail: fmt.Sprintf(format, arguments...)})
}

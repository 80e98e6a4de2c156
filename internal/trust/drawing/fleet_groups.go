package drawing

import (
	"cmp"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// A group is chains of a fleet that fare alike.
type group struct {
	reason  string // the codes of what refuses them, or what accepts them
	detail  string // of one of them: what is wrong
	hint    string
	members []trust.Member
}

// groups puts the chains that are refused for equal reasons together, the
// largest group first, and then those that are accepted by one anchor.
func groups(fleet trust.Fleet) (refused, accepted []group) {
	byReason := map[string]*group{}
	var order []string
	for _, m := range fleet.Members {
		key, made := groupOf(m)
		if byReason[key] == nil {
			byReason[key] = &made
			order = append(order, key)
		}
		byReason[key].members = append(byReason[key].members, m)
	}
	for _, key := range order {
		if one := *byReason[key]; one.members[0].Trusted {
			accepted = append(accepted, one)
		} else {
			refused = append(refused, one)
		}
	}
	bySize := func(a, b group) int { return cmp.Compare(len(b.members), len(a.members)) }
	slices.SortStableFunc(refused, bySize)
	slices.SortStableFunc(accepted, bySize)
	return refused, accepted
}

// groupOf is what a chain has in common with others: the codes, and the
// certificates that they are about where that is not the chain's own leaf.
func groupOf(m trust.Member) (key string, made group) {
	if m.Trusted {
		anchor := m.Path[len(m.Path)-1]
		if m.Mode == trust.Pinned {
			return "pinned", group{reason: "pinned"}
		}
		return "pki " + string(anchor.Raw), group{reason: "pki, by the uploaded " + pki.Describe(anchor)}
	}
	for _, finding := range m.Errors {
		on := ""
		switch {
		case finding.On != nil && finding.On.Certificate != m.Leaf:
			on = string(finding.On.Raw)
		case finding.On != nil && finding.Code == trust.IssuerMissing:
			on = string(finding.On.RawIssuer)
		}
		key += string(finding.Code) + on + "\x00"
	}
	var codes []string
	for _, code := range m.Codes() {
		codes = append(codes, string(code))
	}
	made = group{reason: strings.Join(codes, ", ")}
	if len(m.Errors) > 0 {
		made.detail, made.hint = strings.TrimPrefix(m.Errors[0].Certificate+": "+m.Errors[0].Detail, ": "), m.Errors[0].Hint
	}
	return key, made
}

// FirstLine is the gravest thing that refuses a member of a fleet, in one line;
// empty for one that is trusted.
func FirstLine(m trust.Member) string {
	if len(m.Errors) == 0 {
		return ""
	}
	first := m.Errors[0]
	line := string(first.Code)
	if first.Certificate != "" {
		line += ", " + first.Certificate
	}
	return line + ": " + first.Detail
}

// Bounds of what a summary of a fleet shows, whatever its size.
const (
	maxRefusedGroups  = 4
	maxAcceptedGroups = 3
	maxGroupNames     = 5
	longestName       = 24
	longestText       = 120
)

// FleetSummary explains the verdicts of a fleet to a person, in plain text of
// fewer than 4,000 characters: how many are refused and for which reasons, who
// they are, who is accepted, and the first end.
func FleetSummary(fleet trust.Fleet) string {
	refused, accepted := groups(fleet)
	var text strings.Builder
	text.WriteString(fleetHeadline(fleet, refused) + "\n")
	shown := refused[:min(maxRefusedGroups, len(refused))]
	for _, one := range shown {
		room := maxRefusedGroups * longestText / len(shown)
		fmt.Fprintf(&text, "\n%s of %s refused: %s\n  %s\n", number(len(one.members)), number(len(fleet.Members))+areOrIs(one), short(one.reason, longestText), names(one.members))
		if one.detail != "" {
			which := ""
			if len(one.members) > 1 {
				which = "the first: "
			}
			fmt.Fprintf(&text, "  %s%s\n  → %s\n", which, short(one.detail, room), short(one.hint, room))
		}
	}
	writeLeftOut(&text, refused, maxRefusedGroups)
	for _, one := range accepted[:min(maxAcceptedGroups, len(accepted))] {
		fmt.Fprintf(&text, "\n%s of %s accepted: %s\n  %s\n", number(len(one.members)), number(len(fleet.Members))+areOrIs(one), short(one.reason, longestText), names(one.members))
	}
	writeLeftOut(&text, accepted, maxAcceptedGroups)
	if first := fleet.FirstEnd(); first != nil {
		fmt.Fprintf(&text, "\nfirst end: %s, at %s, when %s expires%s\n", nameOf(first.Name), pki.Stamp(first.ValidUntil), short(pki.Describe(first.Ends), longestText), sameInstant(fleet, first))
	}
	return text.String()
}

func fleetHeadline(fleet trust.Fleet, refused []group) string {
	count := 0
	for _, one := range refused {
		count += len(one.members)
	}
	all := len(fleet.Members)
	switch {
	case all == 0:
		return "TRUSTED: there is no chain to judge"
	case count == 0:
		return fmt.Sprintf("TRUSTED: %s accepts %s", fleet.Verifier, chains(all))
	default:
		return fmt.Sprintf("NOT TRUSTED: %s refuses %s of %s, for %s", fleet.Verifier, number(count), chains(all), reasons(len(refused)))
	}
}

func areOrIs(one group) string {
	if len(one.members) == 1 {
		return " is"
	}
	return " are"
}

func chains(count int) string {
	if count == 1 {
		return "1 chain"
	}
	return number(count) + " chains"
}

// number writes a count with commas: 10,000.
func number(count int) string {
	if count < 1000 {
		return fmt.Sprint(count)
	}
	return fmt.Sprintf("%s,%03d", number(count/1000), count%1000)
}

// names lists the first members of a group.
func names(members []trust.Member) string {
	var shown []string
	for _, m := range members[:min(maxGroupNames, len(members))] {
		shown = append(shown, nameOf(m.Name))
	}
	text := strings.Join(shown, ", ")
	if left := len(members) - len(shown); left > 0 {
		text += fmt.Sprintf(" and %s more", number(left))
	}
	return text
}

func writeLeftOut(text *strings.Builder, all []group, shown int) {
	if len(all) <= shown {
		return
	}
	count := 0
	for _, one := range all[shown:] {
		count += len(one.members)
	}
	fmt.Fprintf(text, "\nand %s, in %d smaller groups\n", chains(count), len(all)-shown)
}

// sameInstant says how many others end with the first.
func sameInstant(fleet trust.Fleet, first *trust.Member) string {
	count := fleet.EndingWith(*first) - 1
	if count < 1 {
		return ""
	}
	return fmt.Sprintf("; %s more at the same time", number(count))
}

// nameOf is the name of a chain as it is shown.
func nameOf(name string) string {
	if name == "" {
		return `""`
	}
	return short(pki.Printable(name), longestName)
}

// short cuts a text to a number of runes, the last of them an ellipsis then.
func short(text string, longest int) string {
	if utf8.RuneCountInString(text) <= longest {
		return text
	}
	return string([]rune(text)[:longest-1]) + "…"
}

// commonName is what a box or a bar calls a certificate: its common name, or the
// whole of what it is called elsewhere.
func commonName(certificate *x509.Certificate) string {
	if name := certificate.Subject.CommonName; name != "" {
		return pki.Printable(name)
	}
	return pki.SubjectOf(certificate)
}

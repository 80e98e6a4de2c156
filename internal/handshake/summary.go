package handshake

import (
	"crypto/x509"
	"fmt"
	"net/netip"
	"strings"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
	"github.com/trustplane/terraform-provider-mtls/internal/trust/drawing"
)

// maxNames is how many certificates, CAs or addresses a line of a summary names.
const maxNames = 5

// Summary explains a report to a person, in plain text of several lines with a
// final newline: what came of it, how far it went, what each side says of the
// other, and where that is not what was predicted.
func (r Report) Summary() string {
	var text strings.Builder
	text.WriteString(r.headline() + "\n\n")
	for _, row := range r.rows() {
		if row.value != "" {
			// Terraform breaks the lines of a message unless they begin with a space.
			fmt.Fprintf(&text, "  %-12s  %s\n", row.name, row.value)
		}
	}
	if advice := r.Advice(); advice != "" {
		text.WriteString("\nPREDICTION AND SERVER DISAGREE\n" + advice + "\n")
	}
	r.writeVerdicts(&text)
	return text.String()
}

// writeVerdicts writes what this side says of the server, and what the server
// was expected to say of this side.
func (r Report) writeVerdicts(text *strings.Builder) {
	if r.Server != nil {
		text.WriteString("\nThis side on the server's certificate:\n\n" + drawing.Summary(*r.Server))
	}
	switch {
	case r.Predicted != nil:
		text.WriteString("\nPredicted for this side's chain, by what is uploaded:\n\n" + drawing.Summary(*r.Predicted))
	case r.Outcome == Refused && !r.Alone.Trusted:
		text.WriteString("\nWrong with this side's chain, whatever the server trusts:\n")
		for _, finding := range r.Alone.Findings {
			if finding.Severity == trust.Error && finding.On != nil {
				fmt.Fprintf(text, "\nerror: %s, %s\n  %s\n  → %s\n", finding.Code, pki.Describe(finding.On.Certificate), finding.Detail, finding.Hint)
			}
		}
	}
}

// headline is the outcome in one line.
func (r Report) headline() string {
	leaf := pki.SubjectOf(r.Request.Chain[0])
	switch {
	case r.Accepted():
		return fmt.Sprintf("ACCEPTED: %s accepts %s", r.Request.Address, leaf)
	case r.Outcome == Accepted:
		return fmt.Sprintf("SERVER NOT TRUSTED: %s accepts %s, but this side refuses the server's certificate", r.Request.Address, leaf)
	case r.Outcome == Refused:
		return fmt.Sprintf("REFUSED: %s refuses %s: %s", r.Request.Address, leaf, r.Said)
	default:
		return fmt.Sprintf("UNDECIDED: %s neither accepted nor refused %s: %s", r.Request.Address, leaf, r.Said)
	}
}

// A fact is one line of a summary.
type fact struct{ name, value string }

func (r Report) rows() []fact {
	return []fact{
		{"address", r.where()},
		{"not reached", strings.Join(r.attempts(), "; ")},
		{"server name", r.Request.serverName()},
		{"TLS", strings.TrimSuffix(r.TLSVersion+", "+r.CipherSuite, ", ")},
		{"presented", chain(r.Request.Chain)},
		{"it accepts", r.authorities()},
		{"request", r.requested()},
		{"it said", r.said()},
		{"it presented", chain(r.ServerChain)},
	}
}

// where says what the host resolved to, and which of that was connected to.
func (r Report) where() string {
	resolved := ""
	if len(r.Resolved) > 0 {
		resolved = fmt.Sprintf("%s resolved to %s", r.Request.Address.Host, list(r.Resolved, netip.Addr.String))
	}
	switch {
	case !r.Remote.IsValid():
		return resolved
	case resolved == "":
		return "connected to " + r.Remote.String()
	default:
		return resolved + "; connected to " + r.Remote.String()
	}
}

// attempts lists the addresses that did not answer, where another one did:
// otherwise the headline has them.
func (r Report) attempts() []string {
	if !r.Remote.IsValid() {
		return nil
	}
	return r.Attempts
}

// authorities lists the CAs that the server named as acceptable.
func (r Report) authorities() string {
	if len(r.Authorities) == 0 {
		return ""
	}
	named := "certificates of " + list(r.Authorities, pki.WriteName)
	if !r.namesOurCA() {
		named += "; none of them issued a certificate of this chain"
	}
	return named
}

func (r Report) requested() string {
	switch {
	case r.Request.Path == "" && r.Outcome != Accepted:
		return ""
	case r.Request.Path == "":
		return "none: a server that decides at the first request, as nginx and Kong do, has not decided"
	case r.HTTPStatus != 0:
		return fmt.Sprintf("GET %s, status %d", r.Request.Path, r.HTTPStatus)
	default:
		return "GET " + r.Request.Path
	}
}

func (r Report) said() string {
	if r.Said == "" || r.Meaning == "" {
		return r.Said
	}
	return r.Said + ": " + r.Meaning
}

// chain names certificates, the leaf first.
func chain(certificates []*x509.Certificate) string {
	return list(certificates, pki.Describe)
}

// list writes the first of some values.
func list[T any](values []T, write func(T) string) string {
	var written []string
	for _, value := range values[:min(maxNames, len(values))] {
		written = append(written, write(value))
	}
	if left := len(values) - maxNames; left > 0 {
		written = append(written, fmt.Sprintf("and %d more", left))
	}
	return strings.Join(written, ", ")
}

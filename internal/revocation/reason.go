package revocation

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// A Reason is why a certificate is revoked, by its code (RFC 5280, 5.3.1).
type Reason int

// The reasons that a list may give.
const (
	Unspecified          Reason = 0 // not written into the list, as RFC 5280 recommends
	KeyCompromise        Reason = 1
	CACompromise         Reason = 2
	AffiliationChanged   Reason = 3
	Superseded           Reason = 4
	CessationOfOperation Reason = 5
	CertificateHold      Reason = 6 // the only one that can be taken back
	PrivilegeWithdrawn   Reason = 9
	AACompromise         Reason = 10
)

// ofVanished is the reason for what is no longer among the active certificates:
// it is no longer needed, and nothing is known against its key.
const ofVanished = CessationOfOperation

// Reasons are all reasons, in the order of their codes.
func Reasons() []Reason {
	return []Reason{Unspecified, KeyCompromise, CACompromise, AffiliationChanged, Superseded, CessationOfOperation, CertificateHold, PrivilegeWithdrawn, AACompromise}
}

// String is the name that users write.
func (r Reason) String() string {
	switch r {
	case Unspecified:
		return "unspecified"
	case KeyCompromise:
		return "key_compromise"
	case CACompromise:
		return "ca_compromise"
	case AffiliationChanged:
		return "affiliation_changed"
	case Superseded:
		return "superseded"
	case CessationOfOperation:
		return "cessation_of_operation"
	case CertificateHold:
		return "certificate_hold"
	case PrivilegeWithdrawn:
		return "privilege_withdrawn"
	case AACompromise:
		return "aa_compromise"
	default:
		return fmt.Sprintf("reason %d", int(r))
	}
}

// ParseReason reads a name that [Reason.String] writes.
func ParseReason(name string) (Reason, error) {
	all := Reasons()
	at := slices.IndexFunc(all, func(one Reason) bool { return one.String() == name })
	if at < 0 {
		return 0, fmt.Errorf("%q is not a reason for a revocation, use one of %s", pki.Printable(name), strings.Join(ReasonNames(), ", "))
	}
	return all[at], nil
}

// ReasonNames are the names of all reasons, in the order of their codes.
func ReasonNames() []string {
	var names []string
	for _, reason := range Reasons() {
		names = append(names, reason.String())
	}
	return names
}

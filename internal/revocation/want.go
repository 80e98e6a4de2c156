package revocation

import (
	"crypto/x509"
	"slices"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/lifecycle"
	"github.com/trustplane/terraform-provider-mtls/internal/rotation"
)

// Defaults of [Settings].
const (
	DefaultGrace    = 72 * time.Hour
	DefaultValidity = 168 * time.Hour
)

// Settings say how a list is made and when.
type Settings struct {
	// Grace is how long after it has vanished from the active certificates one is
	// revoked; nil for the default, zero for at once.
	Grace *time.Duration
	// Validity is how long a list is valid from now; zero for the default.
	Validity time.Duration
	// RenewBefore is how long before its end a list is signed again; nil for a
	// third of the validity, zero for never.
	RenewBefore *time.Duration
	// DistributionPoints are the URLs of the issuing distribution point (RFC 5280,
	// 5.2.5); empty for a list without that extension.
	DistributionPoints []string
	// Unknown: one of them is known only at apply, and left out.
	Unknown bool
}

func (s Settings) grace() time.Duration {
	if s.Grace == nil {
		return DefaultGrace
	}
	return *s.Grace
}

func (s Settings) validity() time.Duration {
	if s.Validity == 0 {
		return DefaultValidity
	}
	return s.Validity
}

func (s Settings) renewBefore() time.Duration {
	if s.RenewBefore == nil {
		return rotation.DefaultRenewBefore(s.validity())
	}
	return *s.RenewBefore
}

// renewalOf is when a list is to be signed again; zero if it never is.
func (s Settings) renewalOf(list *x509.RevocationList) time.Time {
	before := s.renewBefore()
	if before == 0 || list.NextUpdate.IsZero() {
		return time.Time{}
	}
	return list.NextUpdate.Add(-before)
}

// saysTheSame reports whether a list made with other settings would say the same.
func (s Settings) saysTheSame(other Settings) bool {
	return s.validity() == other.validity() && slices.Equal(s.DistributionPoints, other.DistributionPoints)
}

// A Want is a list as it is configured.
type Want struct {
	Issuer lifecycle.Issuer
	// Generation is the issuer's own number, if it gives one: GenerationGiven.
	Generation      lifecycle.Value[int64]
	GenerationGiven bool

	// Active are the certificates in use, as they are presented: each with its
	// issuers behind it, or alone.
	Active [][]*x509.Certificate
	// ActiveGiven is false where there is no such argument: null, and not empty.
	ActiveGiven bool
	Revoked     []Revoked
	Settings    Settings
	Triggers    map[string]string
	// Unknown: something besides the issuer is known only at apply.
	Unknown bool
}

// A Revoked is one certificate that is to be revoked, by its serial number or as
// it is.
type Revoked struct {
	Serial      string            // as written; empty if Certificate is given
	Certificate *x509.Certificate // nil if Serial is given
	Reason      *Reason           // nil: not given
	At          time.Time         // zero: not given
	Unknown     bool              // some of it is known only at apply, and left out
}

// serial is the number of the certificate; an error if none can be read.
func (r Revoked) serial() (Serial, error) {
	if r.Certificate != nil {
		return SerialOf(r.Certificate.SerialNumber), nil
	}
	return ParseSerial(r.Serial)
}

// wish is what is asked of the certificate's entry.
func (r Revoked) wish() wish {
	asked := wish{at: r.At, reason: r.Reason}
	if r.Certificate != nil {
		asked.end = r.Certificate.NotAfter.UTC()
	}
	return asked
}

// sameWish reports whether another entry asks for the same reason and date.
func (r Revoked) sameWish(other Revoked) bool {
	return r.At.Equal(other.At) && (r.Reason == nil) == (other.Reason == nil) && (r.Reason == nil || *r.Reason == *other.Reason)
}

// A Resource is everything that one plan, apply or refresh looks at.
type Resource struct {
	Prior *Prior // nil if there is none yet
	Want  Want
	Now   time.Time
}

// withheld reports whether the plan is not given what is configured, since
// changes of it are ignored: the issuer is required.
func (r *Resource) withheld() bool { return r.Prior != nil && !r.Want.Issuer.Given }

// issuer is the issuer's certificate; nil while it is not known.
func (r *Resource) issuer() *x509.Certificate {
	if r.Want.Issuer.Signer == nil {
		return nil
	}
	return r.Want.Issuer.Signer.Certificate
}

// record is what is remembered; the zero Record for a new list.
func (r *Resource) record() Record {
	if r.Prior == nil {
		return Record{}
	}
	return r.Prior.record
}

// DecidedAt is the instant that a plan decides on.
func (r *Resource) DecidedAt() time.Time { return r.record().DecidedAt(r.Now) }

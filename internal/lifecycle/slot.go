package lifecycle

import (
	"crypto/x509"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/rotation"
)

// A Resource is everything that one plan, apply or refresh looks at.
type Resource struct {
	// Slots are the certificates: one, or those of a set in the order of their
	// names.
	Slots []Slot
	// Issuer is the CA that signs all of them, as it is wanted.
	Issuer Issuer
	// Uploads: the certificate is uploaded to a control plane, and earlier
	// generations stay trusted for their overlap.
	Uploads bool
	// Record is what private state holds; the zero Record for a new resource.
	Record Record
	// Now is the present instant.
	Now time.Time
}

// A Slot is one certificate of a resource, as it is and as it is wanted.
type Slot struct {
	Name  string // among several; empty for the only one
	Prior *Prior // nil if there is none yet
	Want  Want
}

// An Issuer is the CA as far as the configuration gives and the plan knows it.
// The zero value: none is given.
type Issuer struct {
	Given        bool
	Unknown      bool // its certificate is known only at apply
	ChainUnknown bool // its certificate is known, its own issuers are not yet
	// Replaced: its certificate is unknown because another one is about to be made,
	// which is certain. One that is unknown otherwise may turn out to be the same.
	Replaced bool
	// Limits are those that will hold for what an issuer signs that is unknown, as
	// far as they are known.
	Limits     Value[[]issue.Limits]
	WithoutKey bool // it is known to come without a private key
	// Signer is nil if none is given or its certificate is unknown.
	Signer *issue.Issuer
}

// Fingerprint is the SHA-256 fingerprint of the issuer's certificate in hex; the
// empty string for none.
func (i Issuer) Fingerprint() Value[string] {
	switch {
	case i.Unknown:
		return Value[string]{}
	case i.Signer == nil:
		return Known("")
	default:
		return Known(pki.FingerprintSHA256(i.Signer.Certificate))
	}
}

// limits are those that hold for what the issuer signs.
func (i Issuer) limits() Value[[]issue.Limits] {
	switch {
	case i.Unknown:
		return i.Limits
	case i.ChainUnknown:
		return Value[[]issue.Limits]{}
	default:
		return Known(i.Signer.Limits())
	}
}

// A Want is a certificate as it is configured.
type Want struct {
	// Origin is Generated or Provided.
	Origin Origin
	// Request is what a generated certificate is to say; of a provided one, only
	// its Profile. Key and Renews are filled in here.
	Request issue.Request
	// Certificate is the provided one; nil while it is unknown.
	Certificate *x509.Certificate
	Key         Key
	// Triggers rotate when one of them changes; null is left out. A value that is
	// unknown may turn out to be what it was.
	Triggers map[string]Value[string]
	Settings Settings
	Unknown  Unknowns
	// Shared are fields of Request, besides those that always are, that the
	// resource gives to several slots: what is wrong with one is reported there.
	Shared []string
	// Ignored is the attribute that the plan is given as it is in state, or not at
	// all, since changes of it are ignored; empty for none. No other certificate
	// can be planned then.
	Ignored string
}

// Settings say when a certificate is replaced, and for how long the one before
// stays trusted.
type Settings struct {
	RenewBefore *time.Duration // before the end; nil: the default
	Overlap     *time.Duration // nil: until the end of the earlier certificate
	Prepublish  *time.Duration // nil: the next certificate is presented at once
	// Spread renews earlier by a time that the slot's name decides, so that a
	// fleet does not renew at once.
	Spread bool
}

// policy is what package rotation decides by. What is unknown counts as not set.
func (s *Slot) policy(uploads bool, active rotation.Generation) rotation.Policy {
	policy := rotation.Policy{KeepsEarlier: uploads, Renewable: s.Want.Origin == Generated, Overlap: s.Want.Settings.Overlap}
	life := active.NotAfter.Sub(active.NotBefore)
	if s.Want.Origin == Generated {
		life = s.Want.Request.Validity
		if life == 0 {
			life = s.Want.Request.Profile.DefaultValidity()
		}
		policy.Validity = life
	}
	if ahead := s.Want.Settings.Prepublish; ahead != nil {
		policy.Prepublish = *ahead
	}
	policy.RenewBefore = rotation.DefaultRenewBefore(life)
	if before := s.Want.Settings.RenewBefore; before != nil {
		policy.RenewBefore = *before
	}
	if s.Want.Settings.Spread {
		// Up to half of renew_before, and never in the first half of what is left.
		policy.SpreadKey = s.Name
		policy.SpreadWindow = max(0, min(policy.RenewBefore, policy.Validity-policy.RenewBefore)/2)
	}
	return policy
}

// triggered reports whether rotation triggers differ from those of the state, as
// far as they are known, and whether some are not.
func (s *Slot) triggered() (changed, unknown bool) {
	if s.Want.Unknown.Triggers {
		return false, true
	}
	before := map[string]Value[string]{}
	if s.Prior != nil {
		before = s.Prior.Triggers
	}
	changed = len(s.Want.Triggers) != len(before)
	for name, value := range s.Want.Triggers {
		old, is := before[name]
		unknown = unknown || !value.IsKnown()
		changed = changed || !is || value.IsKnown() && value != old
	}
	return changed, unknown
}

// request is what the next certificate is to say, for the key that it gets.
func (s *Slot) request() issue.Request {
	request := s.Want.Request
	request.Key = s.signer()
	if s.Prior != nil {
		keepAlgorithm(&request, s.Prior.Newest())
		request.Renews = s.Prior.Certificate
	}
	return request
}

// isCA reports whether the certificate issues others.
func (s *Slot) isCA() bool { return s.Want.Request.Profile == issue.ControlPlaneCA }

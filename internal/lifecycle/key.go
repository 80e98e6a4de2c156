package lifecycle

import (
	"crypto"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// A KeySource is where the private key of a certificate comes from.
//
//	source         in the plan of a rotation    in state    when the certificate stays
//	GeneratedKey   unknown; reused: the state's  yes        the state's
//	ConfiguredKey  the configuration's           yes        the configuration's
//	WriteOnlyKey   none                          no         none
//	CSRKey         none                          no         none
//	HeldKey        none                          no         none
//	NoKey          none                          no         none; imported: the state's
type KeySource int

const (
	// GeneratedKey is made with the certificate, or reused.
	GeneratedKey KeySource = iota
	// ConfiguredKey is given beside a provided certificate.
	ConfiguredKey
	// WriteOnlyKey is given for each plan and apply and kept nowhere.
	WriteOnlyKey
	// CSRKey never leaves the node that made the CSR.
	CSRKey
	// HeldKey is a program's, which signs with it and does not give it.
	HeldKey
	// NoKey is that of a provided certificate whose key is not given.
	NoKey
)

// A Key is the private key that is wanted.
type Key struct {
	Source KeySource
	// Signer is a configured, write-only or held key; nil if it is unknown.
	Signer crypto.Signer
	// PEM is the text of a configured key as it goes into state; unknown if the
	// key is.
	PEM Value[string]
	// Version counts write-only keys; nil: no version is given.
	Version *int64
	// Reuse: a generated key is kept by the certificates that follow.
	Reuse bool
}

// elsewhere reports whether the key is never in state.
func (k Key) elsewhere() bool {
	return k.Source == WriteOnlyKey || k.Source == CSRKey || k.Source == HeldKey
}

// field is the attribute that gives the key.
func (k Key) field() string {
	switch k.Source {
	case HeldKey:
		return "public_key_pem"
	case WriteOnlyKey, CSRKey:
		return "private_key_pem_wo"
	default:
		return "private_key_pem"
	}
}

// signer is the key that the next certificate is made for; nil if it is to be
// generated, held elsewhere or unknown.
func (s *Slot) signer() crypto.Signer {
	if s.Want.Key.Source == GeneratedKey && s.reuses() {
		return s.Prior.Key
	}
	return s.Want.Key.Signer
}

// reuses reports whether the key in state is kept by the next certificate: the
// configuration says so, and it is of the algorithm that is asked for, as far as
// that is known.
func (s *Slot) reuses() bool {
	if !s.Want.Key.Reuse || s.Want.Unknown.Algorithm || s.Prior == nil || s.Prior.Key == nil {
		return false
	}
	wanted := s.Want.Request.KeyAlgorithm
	return wanted == "" || wanted == pki.AlgorithmOf(s.Prior.Key.Public())
}

// plannedKey is the private key in the state that a rotation plans.
func (s *Slot) plannedKey() Value[string] {
	switch key := s.Want.Key; {
	case (s.keyMayTurn() || s.Want.Unknown.Certificate) && key.Source != ConfiguredKey:
		return Value[string]{}
	case key.elsewhere(), key.Source == NoKey:
		return Known("")
	case key.Source == ConfiguredKey:
		return key.PEM
	case s.reuses():
		return Known(s.Prior.KeyPEM)
	default:
		return Value[string]{}
	}
}

// keptKey is the private key in state beside a certificate that stays. A key
// that the configuration gave, or now gives write-only, goes from the state.
func (s *Slot) keptKey() Value[string] {
	switch key := s.Want.Key; {
	case key.Source == ConfiguredKey:
		return key.PEM
	case key.elsewhere(), key.Source == NoKey && s.Prior.Origin != Imported:
		return Known("")
	default:
		return Known(s.Prior.KeyPEM)
	}
}

// waitingKey is the private key of the generation that waits, in state while it
// does and when it is presented.
func (s *Slot) waitingKey() Value[string] {
	switch key := s.Want.Key; {
	case s.Want.Ignored != "":
		return Known(s.Prior.Waiting.KeyPEM)
	case key.Source == ConfiguredKey:
		return key.PEM
	case key.elsewhere(), key.Source == NoKey:
		return Known("")
	default:
		return Known(s.Prior.Waiting.KeyPEM)
	}
}

// issuedKey is the private key in state beside a certificate that was made with
// made, or taken as provided.
func (s *Slot) issuedKey(made crypto.Signer) (string, error) {
	switch key := s.Want.Key; {
	case key.Source == ConfiguredKey:
		text, _ := key.PEM.Get()
		return text, nil
	case key.elsewhere(), key.Source == NoKey:
		return "", nil
	case s.reuses():
		return s.Prior.KeyPEM, nil
	default:
		return pki.EncodePrivateKey(made)
	}
}

// keyMayTurn reports whether a key that is unknown could turn the decision. The
// version of a write-only key says whether it is another one, but not of a
// certificate that had no version before.
func (s *Slot) keyMayTurn() bool {
	hasVersion := s.Want.Key.Version != nil || s.Want.Unknown.KeyVersion
	generated := s.Prior == nil || s.Prior.Newest().Origin == Generated
	return s.Want.Unknown.Key && (s.Want.Key.Source != WriteOnlyKey || !hasVersion || !generated)
}

// keyChanged reports whether another key than that of the state is asked for.
func (s *Slot) keyChanged() bool {
	key, inState := s.Want.Key, s.Prior.Newest().KeyPEM != ""
	switch {
	case !s.Want.Unknown.KeyVersion && !sameVersion(key.Version, s.Prior.KeyVersion):
		return true
	case s.keyMayTurn():
		return false
	case !key.elsewhere():
		// A key is to be in state, and is not: it was write-only until now.
		return !inState
	case key.Signer == nil:
		// The key is to leave the state, for one that is not known yet.
		return inState
	default:
		// Where there is a version, only the version counts: an ephemeral key is
		// another one in each plan, and a certificate for it would be of no use.
		return !s.Want.Unknown.KeyVersion && key.Version == nil && s.otherKey()
	}
}

// otherKey reports whether the write-only key is known, and not the one that
// the newest certificate in state was made for.
func (s *Slot) otherKey() bool {
	key := s.Want.Key
	return key.elsewhere() && key.Signer != nil && !pki.SameKey(key.Signer.Public(), s.Prior.Newest().Certificate.PublicKey)
}

func sameVersion(a, b *int64) bool {
	return (a == nil) == (b == nil) && (a == nil || *a == *b)
}

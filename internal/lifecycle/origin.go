package lifecycle

import "fmt"

// An Origin is where a certificate comes from.
type Origin string

const (
	// Generated here, or signed here for a CSR: it can be renewed.
	Generated Origin = "generated"
	// Provided in the configuration. Only its owner can renew it.
	Provided Origin = "provided"
	// Imported into the state, by an import or a move from another resource, and
	// not yet generated anew. A private key that came with it stays in state
	// although no configuration gives it.
	Imported Origin = "imported"
)

func (o Origin) check() error {
	switch o {
	case Generated, Provided, Imported:
		return nil
	default:
		return fmt.Errorf("%q is not an origin of a certificate", string(o))
	}
}

// nextOrigin is the origin to record, once the apply has done what was decided, of
// the certificate that is presented. An imported certificate that is merely
// configured as it is stays an imported one, unless the configuration gives its
// key, too.
func nextOrigin(s *Slot, decided Decision) Origin {
	if decided.Waiting != 0 {
		return s.Prior.Origin
	}
	if (decided.Action == Keep || decided.Action == Withdraw) && s.Prior.Origin == Imported && s.Want.Origin == Provided && s.Want.Key.Source != ConfiguredKey {
		return Imported
	}
	return s.Want.Origin
}

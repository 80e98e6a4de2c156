package trust

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"slices"
)

// Object identifiers of extensions that say where a list is found: those of a
// list (RFC 5280, 5.2.5) and of a certificate (4.2.1.13).
const (
	oidIssuingDistributionPoint = "2.5.29.28"
	oidCRLDistributionPoints    = "2.5.29.31"
)

// A listScope is what an issuing distribution point says of a list, as OpenSSL
// reads it (setup_idp in x_crl.c, crl_crldp_check in x509_vfy.c). The zero value
// is that of a list without one: it is about everything.
type listScope struct {
	places                          [][]byte // the names of the distribution point (GeneralName, DER)
	onlyUser, onlyCA, onlyAttribute bool
	// unusable: it cannot be read, contradicts itself, or is of an indirect list or
	// one for some reasons only. OpenSSL leaves such a list aside.
	unusable bool
}

// distributionPoint is that of a certificate, and of a list, where more follows.
type distributionPoint struct {
	Name distributionPointName `asn1:"optional,tag:0"`
}

type distributionPointName struct {
	FullName []asn1.RawValue `asn1:"optional,tag:0"`
}

// scopeOf reads what a list says that it is about.
func scopeOf(list *x509.RevocationList) listScope {
	for _, extension := range list.Extensions {
		if extension.Id.String() == oidIssuingDistributionPoint {
			return readScope(extension.Value)
		}
	}
	return listScope{}
}

func readScope(value []byte) listScope {
	var read struct {
		Point         distributionPointName `asn1:"optional,tag:0"`
		OnlyUser      bool                  `asn1:"optional,tag:1"`
		OnlyCA        bool                  `asn1:"optional,tag:2"`
		OnlyReasons   asn1.BitString        `asn1:"optional,tag:3"`
		Indirect      bool                  `asn1:"optional,tag:4"`
		OnlyAttribute bool                  `asn1:"optional,tag:5"`
	}
	if rest, err := asn1.Unmarshal(value, &read); err != nil || len(rest) > 0 {
		return listScope{unusable: true}
	}
	scope := listScope{onlyUser: read.OnlyUser, onlyCA: read.OnlyCA, onlyAttribute: read.OnlyAttribute}
	for _, name := range read.Point.FullName {
		scope.places = append(scope.places, name.FullBytes)
	}
	kinds := 0
	for _, only := range []bool{read.OnlyUser, read.OnlyCA, read.OnlyAttribute} {
		if only {
			kinds++
		}
	}
	scope.unusable = kinds > 1 || read.Indirect || read.OnlyReasons.BitLength > 0
	return scope
}

// covers reports whether a list of that scope is about a certificate: its kind, and
// a place that the certificate names, where the list names any.
func (s listScope) covers(e *Entry) bool {
	isCA := e.BasicConstraintsValid && e.IsCA
	if s.onlyAttribute || s.onlyUser && isCA || s.onlyCA && !isCA {
		return false
	}
	return len(s.places) == 0 || slices.ContainsFunc(placesNamed(e), func(named []byte) bool {
		return slices.ContainsFunc(s.places, func(place []byte) bool { return bytes.Equal(named, place) })
	})
}

// placesNamed are the names of a certificate's distribution points; none where
// they cannot be read.
func placesNamed(e *Entry) [][]byte {
	var named [][]byte
	for _, extension := range e.Extensions {
		var points []distributionPoint
		if extension.Id.String() != oidCRLDistributionPoints {
			continue
		}
		if _, err := asn1.Unmarshal(extension.Value, &points); err != nil {
			return nil
		}
		for _, point := range points {
			for _, name := range point.Name.FullName {
				named = append(named, name.FullBytes)
			}
		}
	}
	return named
}

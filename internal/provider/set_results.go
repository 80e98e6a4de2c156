package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// setResults are the flat maps that come out of a set.
type setResults struct {
	chains, keys, serials, fingerprints, notAfter map[string]attr.Value
}

func newSetResults(size int) *setResults {
	empty := func() map[string]attr.Value { return make(map[string]attr.Value, size) }
	return &setResults{empty(), empty(), empty(), empty(), empty()}
}

// results are the maps of a state; empty where there is none.
func (m *dataplaneCertificateSetModel) results() *setResults {
	if m == nil {
		return newSetResults(0)
	}
	return &setResults{
		m.ChainsPEM.Elements(), m.PrivateKeysPEM.Elements(), m.SerialNumbers.Elements(), m.FingerprintsSHA256.Elements(), m.NotAfter.Elements(),
	}
}

// certificates are the nodes of a state; none where there is none.
func (m *dataplaneCertificateSetModel) certificates() map[string]attr.Value {
	if m == nil {
		return nil
	}
	return m.Certificates.Elements()
}

func (r *setResults) unknown(name string) {
	r.chains[name], r.keys[name] = unknownPEM(), unknownPEM()
	r.serials[name], r.fingerprints[name], r.notAfter[name] = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
}

// keeps reports whether a plan promised that the node's certificate stays.
func (r *setResults) keeps(name string) bool {
	serial, ok := r.serials[name]
	return ok && known(serial)
}

func (r *setResults) copy(name string, from *setResults) {
	take := func(of map[string]attr.Value, otherwise attr.Value) attr.Value {
		if value, ok := of[name]; ok {
			return value
		}
		return otherwise
	}
	r.chains[name], r.keys[name] = take(from.chains, nullPEM()), take(from.keys, nullPEM())
	r.serials[name] = take(from.serials, types.StringNull())
	r.fingerprints[name] = take(from.fingerprints, types.StringNull())
	r.notAfter[name] = take(from.notAfter, types.StringNull())
}

func (r *setResults) write(m *dataplaneCertificateSetModel) {
	m.ChainsPEM, m.PrivateKeysPEM = types.MapValueMust(pemType{}, r.chains), types.MapValueMust(pemType{}, r.keys)
	m.SerialNumbers, m.FingerprintsSHA256 = types.MapValueMust(types.StringType, r.serials), types.MapValueMust(types.StringType, r.fingerprints)
	m.NotAfter = types.MapValueMust(types.StringType, r.notAfter)
}

// unknownResults makes unknown all that comes out, the nodes among it.
func (m *dataplaneCertificateSetModel) unknownResults() {
	m.ChainsPEM, m.PrivateKeysPEM = types.MapUnknown(pemType{}), types.MapUnknown(pemType{})
	m.SerialNumbers, m.FingerprintsSHA256, m.NotAfter = types.MapUnknown(types.StringType), types.MapUnknown(types.StringType), types.MapUnknown(types.StringType)
	m.IssuerFingerprint, m.RenewalAt, m.RenewalDue = types.StringUnknown(), timetypes.NewRFC3339Unknown(), types.BoolUnknown()
}

package provider

import (
	"crypto/x509"
	"encoding/base64"
	"strconv"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/lifecycle"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/revocation"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

// encode writes every output of a list.
func (m *revocationListModel) encode(result revocation.Result) {
	m.encodeList(result.List)
	m.moveClock(result.RenewalAt, result.RenewalDue)
	m.RevokedSerialNumbers = knownOr(result.Revoked, serialList, types.ListUnknown(types.StringType))
	m.PendingRevocations = knownOr(result.Pending, pendingMap, types.MapUnknown(types.StringType))
	m.ActiveSHA256 = knownOr(result.Active, types.StringValue, types.StringUnknown())
	m.IssuerFingerprintSHA256 = knownOr(result.Issuer, tfvalue.NewText, types.StringUnknown())
	m.Generation = knownOr(result.Generation, types.Int64Value, types.Int64Unknown())
	m.EarlierCRLsPEM = knownOr(result.Earlier, earlierMap, types.MapUnknown(types.StringType))
}

func serialList(serials []revocation.Serial) types.List {
	return tfvalue.NewStrings(texts(serials, revocation.Serial.String))
}

func pendingMap(pending map[revocation.Serial]lifecycle.Value[time.Time]) types.Map {
	elements := map[string]attr.Value{}
	for serial, at := range pending {
		elements[serial.String()] = knownOr(at, func(at time.Time) types.String { return types.StringValue(pki.Stamp(at)) }, types.StringUnknown())
	}
	return types.MapValueMust(types.StringType, elements)
}

func earlierMap(earlier map[int64]lifecycle.Value[string]) types.Map {
	elements := map[string]attr.Value{}
	for number, text := range earlier {
		elements[strconv.FormatInt(number, 10)] = knownOr(text, types.StringValue, types.StringUnknown())
	}
	return types.MapValueMust(types.StringType, elements)
}

// encodeList writes what follows from the list itself.
func (m *revocationListModel) encodeList(value lifecycle.Value[*x509.RevocationList]) {
	list, known := value.Get()
	if !known {
		m.CRLPEM, m.CRLDERBase64, m.Number = types.StringUnknown(), types.StringUnknown(), types.Int64Unknown()
		m.ThisUpdate, m.NextUpdate = timetypes.NewRFC3339Unknown(), timetypes.NewRFC3339Unknown()
		return
	}
	m.CRLPEM, m.CRLDERBase64 = types.StringValue(pki.EncodeRevocationLists(list)), types.StringValue(base64.StdEncoding.EncodeToString(list.Raw))
	m.Number = types.Int64Value(list.Number.Int64())
	m.ThisUpdate, m.NextUpdate = tfvalue.NewInstant(list.ThisUpdate), tfvalue.NewInstant(list.NextUpdate)
}

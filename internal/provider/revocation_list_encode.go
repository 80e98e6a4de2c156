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
	"github.com/trustplane/terraform-provider-mtls/internal/revocation"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

// encode writes every output of a list.
func (m *revocationListModel) encode(result revocation.Result) {
	m.encodeList(result.List)
	m.moveClock(result)
	m.RevokedSerialNumbers = types.ListUnknown(types.StringType)
	if serials, known := result.Revoked.Get(); known {
		m.RevokedSerialNumbers = tfvalue.NewStrings(texts(serials, revocation.Serial.String))
	}
	m.PendingRevocations = types.MapUnknown(types.StringType)
	if pending, known := result.Pending.Get(); known {
		elements := map[string]attr.Value{}
		for serial, at := range pending {
			elements[serial.String()] = textOrUnknown(at, func(at time.Time) string { return at.UTC().Format(time.RFC3339) })
		}
		m.PendingRevocations = types.MapValueMust(types.StringType, elements)
	}
	m.ActiveSHA256 = textOrUnknown(result.Active, func(digest string) string { return digest })
	m.IssuerFingerprintSHA256 = types.StringUnknown()
	if fingerprint, known := result.Issuer.Get(); known {
		m.IssuerFingerprintSHA256 = tfvalue.NewText(fingerprint)
	}
	m.Generation = types.Int64Unknown()
	if number, known := result.Generation.Get(); known {
		m.Generation = types.Int64Value(number)
	}
	m.EarlierCRLsPEM = types.MapUnknown(types.StringType)
	if earlier, known := result.Earlier.Get(); known {
		elements := map[string]attr.Value{}
		for number, text := range earlier {
			elements[strconv.FormatInt(number, 10)] = textOrUnknown(text, func(text string) string { return text })
		}
		m.EarlierCRLsPEM = types.MapValueMust(types.StringType, elements)
	}
}

// encodeList writes what follows from the list itself.
func (m *revocationListModel) encodeList(value lifecycle.Value[*x509.RevocationList]) {
	list, known := value.Get()
	if !known {
		m.CRLPEM, m.CRLDERBase64, m.Number = types.StringUnknown(), types.StringUnknown(), types.Int64Unknown()
		m.ThisUpdate, m.NextUpdate = timetypes.NewRFC3339Unknown(), timetypes.NewRFC3339Unknown()
		return
	}
	m.CRLPEM, m.CRLDERBase64 = types.StringValue(revocation.EncodePEM(list)), types.StringValue(base64.StdEncoding.EncodeToString(list.Raw))
	m.Number = types.Int64Value(list.Number.Int64())
	m.ThisUpdate, m.NextUpdate = tfvalue.NewInstant(list.ThisUpdate), tfvalue.NewInstant(list.NextUpdate)
}

// moveClock writes what the clock says, and reports whether that is news.
func (m *revocationListModel) moveClock(result revocation.Result) bool {
	at, due := timetypes.NewRFC3339Unknown(), types.BoolUnknown()
	if instant, known := result.RenewalAt.Get(); known {
		at = tfvalue.NewInstant(instant)
	}
	if is, known := result.RenewalDue.Get(); known {
		due = types.BoolValue(is)
	}
	moved := !at.Equal(m.RenewalAt) || !due.Equal(m.RenewalDue)
	m.RenewalAt, m.RenewalDue = at, due
	return moved
}

// textOrUnknown is a string that may not be known yet.
func textOrUnknown[T any](value lifecycle.Value[T], text func(T) string) types.String {
	known, is := value.Get()
	if !is {
		return types.StringUnknown()
	}
	return types.StringValue(text(known))
}

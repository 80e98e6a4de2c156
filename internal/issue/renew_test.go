package issue_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// encoded is the DER of a subject of which every text is of one string type, each
// attribute in a set of its own, as OpenSSL writes it.
func encoded(t *testing.T, tag int, attributes ...pkix.AttributeTypeAndValue) []byte {
	t.Helper()
	type attribute struct {
		Type  asn1.ObjectIdentifier
		Value asn1.RawValue
	}
	type set []attribute
	var name []asn1.RawValue
	for _, one := range attributes {
		der, err := asn1.MarshalWithParams(set{{one.Type, asn1.RawValue{Tag: tag, Bytes: []byte(one.Value.(string))}}}, "set")
		if err != nil {
			t.Fatal(err)
		}
		name = append(name, asn1.RawValue{FullBytes: der})
	}
	der, err := asn1.Marshal(name)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// TestRenewingWithTheKeyKeepsWhatIsReferredTo: the subject key identifier and the
// encoding of the subject stay, if the key does, and the subject if it says the
// same.
func TestRenewingWithTheKeyKeepsWhatIsReferredTo(t *testing.T) {
	commonName := pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: "CA"}
	organization := pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{2, 5, 4, 10}, Value: "Acme"}
	foreign := encoded(t, asn1.TagUTF8String, commonName, organization)
	graph := pkitest.Build(t, "leaf <- ca\nother", pkitest.With("ca", pkitest.Template(func(c *x509.Certificate) {
		c.SubjectKeyId, c.RawSubject = []byte{1, 2, 3}, foreign
	})))
	subject := pkix.Name{CommonName: "CA", Organization: []string{"Acme"}}
	for name, row := range map[string]struct {
		change            func(*issue.Request)
		keepsID, keepsRaw bool
	}{
		"the same":        {func(*issue.Request) {}, true, true},
		"another key":     {func(r *issue.Request) { r.Key = graph.Key("other") }, false, false},
		"a generated key": {func(r *issue.Request) { r.Key = nil }, false, false},
		"another name":    {func(r *issue.Request) { r.Subject.CommonName = "other" }, true, false},
		"one name more":   {func(r *issue.Request) { r.Subject.Country = []string{"DE"} }, true, false},
		"one name fewer":  {func(r *issue.Request) { r.Subject.Organization = nil }, true, false},
		"nothing before":  {func(r *issue.Request) { r.Renews = nil }, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			request := issue.Request{Profile: issue.ControlPlaneCA, Subject: subject, Key: graph.Key("ca"), Renews: graph.Certificate("ca")}
			row.change(&request)
			issued, err := issue.Issue(t.Context(), request, nil, now())
			if err != nil {
				t.Fatal(err)
			}
			if kept := bytes.Equal(issued.Certificate.SubjectKeyId, []byte{1, 2, 3}); kept != row.keepsID {
				t.Errorf("the key identifier is kept: %t, want %t", kept, row.keepsID)
			}
			if kept := bytes.Equal(issued.Certificate.RawSubject, foreign); kept != row.keepsRaw {
				t.Errorf("the encoding of the subject is kept: %t, want %t", kept, row.keepsRaw)
			}
			if foreseen := issue.SubjectKeyID(request); request.Key != nil && !bytes.Equal(foreseen, issued.Certificate.SubjectKeyId) {
				t.Errorf("the key identifier %x was foreseen, and %x made", foreseen, issued.Certificate.SubjectKeyId)
			}
		})
	}
}

package pki_test

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

func TestMailboxesOfSubject(t *testing.T) {
	address := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}
	subject := named("a@other.example")
	subject.Names = []pkix.AttributeTypeAndValue{{Type: address, Value: "a@b.example"}, {Type: address, Value: 5}, {Type: address, Value: "c"}}
	if diff := cmp.Diff([]string{"a@b.example", "c"}, pki.MailboxesOfSubject(subject)); diff != "" {
		t.Errorf("mailboxes (-want +got):\n%s", diff)
	}
}

func TestCommonNamesAsDNS(t *testing.T) {
	second := named("b.example")
	second.Names = []pkix.AttributeTypeAndValue{
		{Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: "a.example"}, {Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: "b.example"},
		{Type: asn1.ObjectIdentifier{2, 5, 4, 10}, Value: "c.example"}, {Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: 5},
	}
	for name, test := range map[string]struct {
		subject pkix.Name
		names   pki.Names
		want    []string
	}{
		"a DNS name":               {subject: named("Edge_1.a-b.example"), want: []string{"Edge_1.a-b.example"}},
		"two of them":              {subject: second, want: []string{"a.example", "b.example"}},
		"one label":                {subject: named("edge")},
		"none":                     {},
		"words":                    {subject: named("edge at a.example")},
		"a wildcard":               {subject: named("*.a.example")},
		"a hyphen at an end":       {subject: named("a-.example")},
		"a hyphen at a beginning":  {subject: named("-a.example")},
		"a period at the end":      {subject: named("a.example.")},
		"an address":               {subject: named("192.0.2.1"), want: []string{"192.0.2.1"}},
		"beside an alternative":    {subject: named("a.example"), names: pki.Names{DNSNames: []string{"b.example"}}},
		"beside one of other kind": {subject: named("a.example"), names: pki.Names{EmailAddresses: []string{"a@b.example"}}, want: []string{"a.example"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := pki.CommonNamesAsDNS(test.subject, test.names)
			if len(got)+len(test.want) > 0 && !cmp.Equal(test.want, got) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

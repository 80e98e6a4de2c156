package issue_test

import (
	"crypto/x509/pkix"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

func moreOf(units []string, domain []string, userID, mailbox string) pkix.Name {
	return issue.WithMore(pkix.Name{CommonName: "edge", OrganizationalUnit: units}, domain, userID, mailbox)
}

// TestMoreOfASubject: parts that pkix.Name has no field for are in the certificate as
// OpenSSL and directories write them.
func TestMoreOfASubject(t *testing.T) {
	request := aPin()
	request.Subject = moreOf([]string{"Gateways", "EMEA"}, []string{"acme", "internal"}, "edge-1", "ops@acme.example")
	issued, err := issue.Issue(t.Context(), request, nil, now())
	if err != nil {
		t.Fatal(err)
	}
	if got := pki.WriteName(issued.Certificate.RawSubject); !strings.Contains(got, "UID=edge-1") || !strings.HasSuffix(got, "DC=acme,DC=internal") {
		t.Errorf("the subject is %s, want UID=edge-1 in it, and DC=acme,DC=internal at its end", got)
	}
	if !issue.Matches(issued.Certificate, request, nil) {
		t.Error("the certificate does not match what it was made for")
	}
	turned := request
	turned.Subject = moreOf([]string{"EMEA", "Gateways"}, []string{"acme", "internal"}, "edge-1", "ops@acme.example")
	if !issue.Matches(issued.Certificate, turned, nil) || !request.Equal(turned) {
		t.Error("the order of units is a change")
	}
	for name, other := range map[string]pkix.Name{
		"domain the other way": moreOf([]string{"Gateways", "EMEA"}, []string{"internal", "acme"}, "edge-1", "ops@acme.example"),
		"another user":         moreOf([]string{"Gateways", "EMEA"}, []string{"acme", "internal"}, "edge-2", "ops@acme.example"),
		"no mailbox":           moreOf([]string{"Gateways", "EMEA"}, []string{"acme", "internal"}, "edge-1", ""),
		"one unit":             moreOf([]string{"Gateways"}, []string{"acme", "internal"}, "edge-1", "ops@acme.example"),
	} {
		changed := request
		changed.Subject = other
		if issue.Matches(issued.Certificate, changed, nil) || request.Equal(changed) {
			t.Errorf("%s: not a change", name)
		}
	}
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	command := exec.CommandContext(t.Context(), openssl, "x509", "-noout", "-subject", "-nameopt", "show_type,sep_comma_plus_space")
	command.Stdin = strings.NewReader(pki.EncodeCertificates(issued.Certificate))
	shown, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"DC=IA5STRING:internal, DC=IA5STRING:acme", "OU=PRINTABLESTRING:Gateways, OU=PRINTABLESTRING:EMEA", "emailAddress=IA5STRING:ops@acme.example"} {
		if !strings.Contains(string(shown), part) {
			t.Errorf("OpenSSL shows %s, want %s in it", shown, part)
		}
	}
}

func TestMoreOfASubjectIsChecked(t *testing.T) {
	for name, row := range map[string]struct {
		subject pkix.Name
		want    []string
	}{
		"sound":            {moreOf(nil, []string{"acme", "internal"}, "1", "a@b.example"), nil},
		"a whole domain":   {moreOf(nil, []string{"acme.internal"}, "", ""), []string{"subject.domain_components[0]"}},
		"the second":       {moreOf(nil, []string{"acme", "int ernal"}, "", ""), []string{"subject.domain_components[1]"}},
		"user of controls": {moreOf(nil, nil, "a\x1b[2J", ""), []string{"subject.user_id"}},
		"long user":        {moreOf(nil, nil, strings.Repeat("a", 257), ""), []string{"subject.user_id"}},
		"no mailbox":       {moreOf(nil, nil, "", "acme.example"), []string{"subject.email_address"}},
		"a blank unit":     {moreOf([]string{"a", " "}, nil, "", ""), []string{"subject.organizational_unit"}},
	} {
		request := aPin()
		request.Subject = row.subject
		var fields []string
		for _, violation := range issue.Check(request, nil, now(), issue.Unknown{}) {
			field, _, _ := strings.Cut(violation.String(), ":")
			fields = append(fields, field)
		}
		if diff := cmp.Diff(row.want, fields); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestSubjectIsRefined(t *testing.T) {
	general := issue.WithMore(pkix.Name{Organization: []string{"Acme"}, Country: []string{"DE"}}, []string{"acme", "internal"}, "all", "")
	own := issue.WithMore(pkix.Name{CommonName: "edge", Organization: []string{"Other"}}, nil, "edge-1", "")
	want := issue.WithMore(pkix.Name{CommonName: "edge", Organization: []string{"Other"}, Country: []string{"DE"}}, []string{"acme", "internal"}, "edge-1", "")
	refined := aPin()
	refined.Subject = issue.Refine(general, own)
	other := aPin()
	other.Subject = want
	if !refined.Equal(other) {
		t.Errorf("got %v, want %v", refined.Subject, want)
	}
}

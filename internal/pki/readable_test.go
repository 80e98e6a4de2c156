package pki_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// negativeSerial is a self-signed certificate that crypto/x509 does not read:
//
//	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 -subj /CN=old -set_serial -5
func negativeSerial(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("testdata/negative-serial.pem")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestParseReadable(t *testing.T) {
	graph := pkitest.Build(t, "edge <- root")
	good, bad := graph.PEM("root"), negativeSerial(t)
	certificates, unreadable, err := pki.ParseReadable(good + bad + good)
	if err != nil || len(certificates) != 3 || certificates[0] == nil || certificates[1] != nil || certificates[2] == nil {
		t.Fatalf("%v, error %v", certificates, err)
	}
	if len(unreadable) != 1 || !strings.Contains(unreadable[1].Error(), "negative serial number") {
		t.Errorf("unreadable: %v", unreadable)
	}
	certificates, unreadable, err = pki.ParseReadable(good)
	if err != nil || len(certificates) != 1 || len(unreadable) != 0 {
		t.Errorf("a readable one: %v, %v, error %v", certificates, unreadable, err)
	}
	key, _ := pki.EncodePrivateKey(graph.Key("root"))
	for _, text := range []string{"", "no PEM", bad + key, key} {
		if certificates, _, err := pki.ParseReadable(text); err == nil || certificates != nil {
			t.Errorf("%.20q gives %v, error %v", text, certificates, err)
		}
	}
}

// TestUnreadableIsCountedOverAllTexts: what crypto/x509 cannot read, such as an old
// CA with a negative serial number, must not stop the plan of those who upload it
// beside others.
func TestUnreadableIsCountedOverAllTexts(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "negative-serial.pem"))
	if err != nil {
		t.Fatal(err)
	}
	graph := pkitest.Build(t, "edge <- root")
	var readable pki.Readable
	for _, element := range []string{graph.PEM("root"), string(text) + graph.PEM("root"), string(text)} {
		if _, err := readable.Parse(element); err != nil {
			t.Errorf("%v", err)
		}
	}
	for _, index := range []int{1, 3} {
		if why := readable.Unreadable[index]; why == nil || !strings.Contains(why.Error(), "negative serial number") {
			t.Errorf("upload %d: %v", index+1, why)
		}
	}
	if len(readable.Unreadable) != 2 {
		t.Errorf("unreadable: %v", readable.Unreadable)
	}
}

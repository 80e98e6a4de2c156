package pki_test

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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

// unreadableList is a whole list of a version that there is not.
func unreadableList(t *testing.T, graph *pkitest.Graph) string {
	t.Helper()
	der := slices.Clone(graph.RevocationList(pkitest.Revocation{Issuer: "root"}).Raw)
	version := bytes.Index(der, []byte{0x02, 0x01, 0x01})
	if version < 0 || version > 12 {
		t.Fatalf("no version at %d", version)
	}
	der[version+2] = 5
	return string(pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der}))
}

// TestRevocationListThatCannotBeRead: one that is whole costs only itself, and what
// is no list, or a part of one, is an error.
func TestRevocationListThatCannotBeRead(t *testing.T) {
	graph := pkitest.Build(t, "edge <- root")
	good, bad := pki.EncodeRevocationLists(graph.RevocationList(pkitest.Revocation{Issuer: "root"})), unreadableList(t, graph)
	var readable pki.Readable
	for _, text := range []string{good, good + bad + good, bad} {
		if _, err := readable.ParseRevocationLists(text); err != nil {
			t.Errorf("%v", err)
		}
	}
	if len(readable.Unreadable) != 2 || readable.Unreadable[2] == nil || readable.Unreadable[4] == nil {
		t.Errorf("unreadable: %v", readable.Unreadable)
	}
	if why := readable.Unreadable[2]; why == nil || !strings.Contains(why.Error(), "PEM block 2 (X509 CRL)") || !strings.Contains(why.Error(), "version") {
		t.Errorf("it does not say which one, and why: %v", why)
	}
	if _, err := pki.ParseRevocationLists(bad); err == nil {
		t.Error("a caller who wants all of them gets it")
	}
	block, _ := pem.Decode([]byte(bad))
	none := map[string]string{"empty": "", "no PEM": "hello", "a certificate": graph.PEM("root"), "behind a good one": good + graph.PEM("root")}
	for length := range block.Bytes {
		none[fmt.Sprintf("%d bytes of one", length)] = string(pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: block.Bytes[:length]}))
	}
	none["a certificate that calls itself a list"] = strings.ReplaceAll(graph.PEM("root"), "CERTIFICATE", "X509 CRL")
	none["an old certificate that does"] = strings.ReplaceAll(negativeSerial(t), "CERTIFICATE", "X509 CRL")
	none["something behind it"] = string(pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: append(slices.Clone(block.Bytes), 0)}))
	for name, text := range none {
		var readable pki.Readable
		if lists, err := readable.ParseRevocationLists(text); err == nil {
			t.Errorf("%s: %v", name, lists)
		}
	}
}

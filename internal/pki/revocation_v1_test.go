package pki_test

import (
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// TestRevocationListOfVersion1: openssl ca makes one unless its settings name
// extensions for lists.
func TestRevocationListOfVersion1(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("openssl")
	if err != nil {
		t.Skipf("openssl is not installed: %v", err)
	}
	graph, folder := pkitest.Build(t, "edge <- ca"), t.TempDir()
	key, err := pki.EncodePrivateKey(graph.Key("ca"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"ca.pem": graph.PEM("ca"), "ca.key": key,
		"index": "R\t350101000000Z\t250101000000Z\t" + "0A0B" + "\tunknown\t/CN=edge\n",
		"conf":  "[ca]\ndefault_ca=c\n[c]\ndatabase=" + filepath.Join(folder, "index") + "\ndefault_md=sha256\ndefault_crl_days=30\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.CommandContext(t.Context(), program, "ca", "-gencrl", "-config", "conf", "-cert", "ca.pem", "-keyfile", "ca.key")
	command.Dir = folder
	text, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	lists, err := pki.ParseRevocationLists(string(text))
	if err != nil || len(lists) != 1 {
		t.Fatalf("%v, error %v", lists, err)
	}
	list, ca := lists[0], graph.Certificate("ca")
	if err := ca.CheckSignature(list.SignatureAlgorithm, list.RawTBSRevocationList, list.Signature); err != nil {
		t.Errorf("the signature: %v", err)
	}
	if string(list.RawIssuer) != string(ca.RawSubject) || list.NextUpdate.IsZero() || len(list.RevokedCertificateEntries) != 1 ||
		list.RevokedCertificateEntries[0].SerialNumber.Text(16) != "a0b" {
		t.Errorf("%+v", list)
	}
	block, _ := pem.Decode(text)
	for length := range block.Bytes {
		cut := pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: block.Bytes[:length]})
		if _, err := pki.ParseRevocationLists(string(cut)); err == nil {
			t.Errorf("%d bytes of it are a list", length)
		}
	}
}

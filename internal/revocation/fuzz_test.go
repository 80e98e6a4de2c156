package revocation_test

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"math"
	"math/big"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/lifecycle"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/revocation"
)

// FuzzImport: no file makes an import panic, and what is imported is in a state
// that can be read again, with every entry.
func FuzzImport(f *testing.F) {
	graph := pkitest.Build(f, "leaf <- root", pkitest.With("root", pkitest.Template(func(template *x509.Certificate) { template.KeyUsage |= x509.KeyUsageCRLSign })))
	list := graph.RevocationList(pkitest.Revocation{Issuer: "root", Revoked: []string{"leaf"}})
	f.Add(list.Raw)
	f.Add([]byte(pki.EncodeRevocationLists(list)))
	for number, serial := range map[int64]int64{1: 0, 2: -5, math.MaxInt64: 5} {
		template := &x509.RevocationList{
			Number: big.NewInt(number), ThisUpdate: pkitest.Now(), NextUpdate: pkitest.Now(),
			RevokedCertificateEntries: []x509.RevocationListEntry{{SerialNumber: big.NewInt(serial), RevocationTime: pkitest.Now()}},
		}
		odd, err := x509.CreateRevocationList(rand.Reader, template, graph.Certificate("root"), graph.Key("root"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(odd)
	}
	f.Add([]byte("-----BEGIN X509 CRL-----\n-----END X509 CRL-----\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		list, err := revocation.Parse(text)
		if err != nil {
			return
		}
		var problems lifecycle.Problems
		result, record := revocation.Import(list, pkitest.Now(), &problems)
		if problems.Failed() {
			return
		}
		written, err := record.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		read, err := revocation.ReadRecord(written)
		if err != nil {
			t.Fatalf("its record cannot be read: %v", err)
		}
		prior, err := revocation.Stored{CRLPEM: pki.EncodeRevocationLists(list), Generation: 1}.Read(read)
		if err != nil {
			t.Fatalf("its state cannot be read: %v", err)
		}
		if !bytes.Equal(prior.List.Raw, list.Raw) {
			t.Error("the state holds another list")
		}
		if number := list.Number.Int64(); number < 0 || number > number+2 {
			t.Errorf("after the number %v there is no next one", list.Number)
		}
		revoked, _ := result.Revoked.Get()
		for _, one := range list.RevokedCertificateEntries {
			if one.SerialNumber.Sign() <= 0 {
				t.Errorf("serial number %v was imported", one.SerialNumber)
			}
		}
		if len(revoked) > len(list.RevokedCertificateEntries) || len(revoked) == 0 && len(list.RevokedCertificateEntries) > 0 {
			t.Errorf("of %d entries %d were imported", len(list.RevokedCertificateEntries), len(revoked))
		}
	})
}

// FuzzReadRecord: no private state makes the reading of it panic; what is read is
// written, and read again, as it was.
func FuzzReadRecord(f *testing.F) {
	for _, text := range []string{"", "{}", "null", `{"version":1}`, `{"version":9}`, `{"version":1,"active":"AQo="}`, `{"version":1,"active":"AQoAZQAAAA==","ends":"AGUAAAA="}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		record, err := revocation.ReadRecord(text)
		if err != nil {
			return
		}
		written, err := record.Bytes()
		if err != nil {
			return // a year that JSON does not hold
		}
		again, err := revocation.ReadRecord(written)
		if err != nil {
			t.Fatalf("what was read as %+v is written as %s: %v", record, written, err)
		}
		if rewritten, err := again.Bytes(); err != nil || !bytes.Equal(rewritten, written) {
			t.Fatalf("%s is read and written as %s (%v)", written, rewritten, err)
		}
	})
}

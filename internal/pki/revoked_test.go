package pki_test

import (
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"slices"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// bigEnough is how many entries a list has whose entries are not parsed.
const bigEnough = 4000

// listOf signs a list with entries from a number on; change makes them different.
func listOf(t *testing.T, graph *pkitest.Graph, entries int, change func(i int, entry *x509.RevocationListEntry)) *x509.RevocationList {
	t.Helper()
	template := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: pkitest.Now(), NextUpdate: pkitest.Now().AddDate(0, 0, 7)}
	for i := range entries {
		entry := x509.RevocationListEntry{SerialNumber: serialOf(i), RevocationTime: pkitest.Now()}
		if change != nil {
			change(i, &entry)
		}
		template.RevokedCertificateEntries = append(template.RevokedCertificateEntries, entry)
	}
	der, err := x509.CreateRevocationList(rand.Reader, template, graph.Certificate("ca"), graph.Key("ca"))
	if err != nil {
		t.Fatal(err)
	}
	list, err := x509.ParseRevocationList(der)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// serialOf gives numbers of one to seventeen bytes, with and without a zero in
// front.
func serialOf(i int) *big.Int {
	return new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), uint(8*(i%17))), big.NewInt(int64(i)*256))
}

func readList(t *testing.T, der []byte) *x509.RevocationList {
	t.Helper()
	lists, err := pki.ParseRevocationLists(pki.EncodeRevocationLists(&x509.RevocationList{Raw: der}))
	if err != nil || len(lists) != 1 {
		t.Fatalf("%d lists, error %v", len(lists), err)
	}
	return lists[0]
}

// TestLargeListIsReadAsAnyOther: all that crypto/x509 reads of a list but its
// entries is the same where those are left out, and the signature holds.
func TestLargeListIsReadAsAnyOther(t *testing.T) {
	t.Parallel()
	graph := pkitest.Build(t, "edge <- ca")
	whole := listOf(t, graph, bigEnough, nil)
	got := readList(t, whole.Raw)
	if len(got.RevokedCertificateEntries) != 0 || len(got.Raw) < 100_000 {
		t.Fatalf("%d bytes with %d entries: this is no large list", len(got.Raw), len(got.RevokedCertificateEntries))
	}
	if !slices.Equal(got.Raw, whole.Raw) || !slices.Equal(got.RawTBSRevocationList, whole.RawTBSRevocationList) || !slices.Equal(got.Signature, whole.Signature) ||
		!slices.Equal(got.RawIssuer, whole.RawIssuer) || !slices.Equal(got.AuthorityKeyId, whole.AuthorityKeyId) || got.Number.Cmp(whole.Number) != 0 ||
		!got.ThisUpdate.Equal(whole.ThisUpdate) || !got.NextUpdate.Equal(whole.NextUpdate) || len(got.Extensions) != len(whole.Extensions) {
		t.Error("it is not what crypto/x509 reads")
	}
	if err := got.CheckSignatureFrom(graph.Certificate("ca")); err != nil {
		t.Error(err)
	}
	for i, entry := range whole.RevokedCertificateEntries {
		if i%97 == 0 && !pki.Revokes(got, entry.SerialNumber) {
			t.Errorf("entry %d, %x, is not found", i, entry.SerialNumber)
		}
	}
	for _, other := range []*big.Int{big.NewInt(0), big.NewInt(-1), big.NewInt(7), serialOf(bigEnough), new(big.Int).Lsh(big.NewInt(1), 2000)} {
		if pki.Revokes(got, other) {
			t.Errorf("%x is found", other)
		}
	}
}

// TestRevokes holds the walk over the entries against their meaning, for a small
// list and a large one.
func TestRevokes(t *testing.T) {
	t.Parallel()
	graph := pkitest.Build(t, "edge <- ca")
	otherIssuer := pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 29}, Critical: true, Value: []byte{0x30, 0}}
	for _, entries := range []int{20, bigEnough} {
		list := readList(t, listOf(t, graph, entries, func(i int, entry *x509.RevocationListEntry) {
			switch i {
			case 5:
				entry.ReasonCode = 1
			case 6:
				entry.ReasonCode = 8
			case 12:
				entry.ExtraExtensions = []pkix.Extension{otherIssuer}
			}
		}).Raw)
		for at, want := range map[int]bool{0: true, 5: true, 6: false, 11: true, 12: false, 13: false} {
			if got := pki.Revokes(list, serialOf(at)); got != want {
				t.Errorf("%d entries, number %d: %t, want %t", entries, at, got, want)
			}
		}
	}
	if pki.Revokes(&x509.RevocationList{}, big.NewInt(1)) || pki.Revokes(listOf(t, graph, 0, nil), big.NewInt(1)) {
		t.Error("a list of nothing revokes something")
	}
}

// TestLargeListThatIsDamaged: what crypto/x509 refuses is refused, with its words.
func TestLargeListThatIsDamaged(t *testing.T) {
	t.Parallel()
	graph := pkitest.Build(t, "edge <- ca")
	whole := listOf(t, graph, bigEnough, nil).Raw
	for _, at := range []int{1, 3, 8, 30, 120, 160, 200, len(whole) / 2, len(whole) - 40} {
		for length := range 3 {
			damaged := slices.Clone(whole[:len(whole)-length])
			damaged[at] ^= 0x1f
			text := string(pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: damaged}))
			_, refused := x509.ParseRevocationList(damaged)
			lists, err := pki.ParseRevocationLists(text)
			if (refused == nil) != (err == nil) && refused == nil {
				t.Errorf("byte %d: %v, and crypto/x509 reads it", at, err)
			}
			if length > 0 && err == nil {
				t.Errorf("byte %d of a cut list: %d lists", at, len(lists))
			}
		}
	}
}

package provider

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// TestUnreadableUploadCostsAWarning: what crypto/x509 cannot read, such as an old
// CA with a negative serial number, must not stop the plan of those who upload it
// beside others.
func TestUnreadableUploadCostsAWarning(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "pki", "testdata", "negative-serial.pem"))
	if err != nil {
		t.Fatal(err)
	}
	graph := pkitest.Build(t, "edge <- root")
	var unreadable unreadableAnchors
	for _, element := range []string{graph.PEM("root"), string(text) + graph.PEM("root"), string(text)} {
		if _, err := unreadable.parse(element); err != nil {
			t.Errorf("%v", err)
		}
	}
	for _, index := range []int{1, 3} {
		if why := unreadable.why[index]; why == nil || !strings.Contains(why.Error(), "negative serial number") {
			t.Errorf("upload %d: %v", index+1, why)
		}
	}
	if len(unreadable.why) != 2 || unreadable.count != 4 {
		t.Errorf("%d uploads, unreadable: %v", unreadable.count, unreadable.why)
	}
}

package examples

import (
	"strings"
	"testing"
)

// TestQuickstartPrintsTheFourRows: the table of the README, on real
// certificates.
func TestQuickstartPrintsTheFourRows(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, newMirror(t), "quickstart")
	w.run(t, "init")
	w.run(t, "apply", "-auto-approve")
	said, err := w.command(t, w.terraform, "output", "-raw", "verdicts").Output()
	if err != nil {
		t.Fatal(err)
	}
	printed := map[string]bool{}
	for line := range strings.Lines(string(said)) {
		printed[strings.Join(strings.Fields(line), " ")] = true
	}
	const leaf, issuing, root = "CN=edge-1", "CN=Acme Gateway Issuing,O=Acme", "CN=Acme Gateway Root,O=Acme"
	for _, row := range []string{
		"cert1 only cert1 yes pinned " + leaf,
		"cert2 only cert1 yes pki " + leaf + " <- " + issuing,
		"cert3 only cert1 + cert2 yes pki " + leaf + " <- " + issuing + " <- " + root,
		"cert3 only cert1 no - issuer_missing: see why_not below",
	} {
		if !printed[row] {
			t.Errorf("no row %q in\n%s", row, said)
		}
	}
}

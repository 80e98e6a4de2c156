package examples

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestGettingStarted walks the guide: its configuration is accepted, and the
// one change that it asks for is refused, each with the words that it shows.
func TestGettingStarted(t *testing.T) {
	t.Parallel()
	folder := filepath.Join("guides", "getting-started")
	w := newWorkspace(t, newMirror(t), folder)
	w.run(t, "init")
	w.run(t, "apply", "-auto-approve")
	verdict, err := w.command(t, w.terraform, "output", "-raw", "verdict").Output()
	if err != nil {
		t.Fatal(err)
	}
	wantShown(t, filepath.Join(folder, "accepted.txt"), string(verdict))

	main, err := os.ReadFile(filepath.Join(w.folder, "main.tf"))
	if err != nil {
		t.Fatal(err)
	}
	w.write(t, "main.tf", strings.Replace(string(main), "= mtls_dataplane_certificate.edge.chain_pem\n", "= mtls_dataplane_certificate.edge.certificate_pem\n", 1))
	refused, err := w.command(t, w.terraform, "plan", "-no-color").CombinedOutput()
	if err == nil {
		t.Fatalf("the plan of a leaf without its intermediate goes through:\n%s", refused)
	}
	_, message, _ := strings.Cut(string(refused), "NOT TRUSTED")
	wantShown(t, filepath.Join(folder, "refused.txt"), "NOT TRUSTED"+message)
}

// TestREADME applies the configuration that people see first.
func TestREADME(t *testing.T) {
	t.Parallel()
	_, shown, found := strings.Cut(read(t, filepath.Join("..", "README.md")), "```terraform\n")
	shown, _, closed := strings.Cut(shown, "```\n")
	if !found || !closed {
		t.Fatal("README.md shows no configuration")
	}
	w := newWorkspace(t, newMirror(t), "provider")
	w.environment = append(w.environment, "TF_VAR_control_plane_id=00000000-0000-0000-0000-000000000000")
	w.write(t, "provider.tf", shown)
	w.run(t, "init")
	w.run(t, "apply", "-auto-approve")
	w.wantEmptyPlan(t)
}

// wantShown compares what was said with what a guide shows, but for dates,
// digests, and the frame that terraform draws.
func wantShown(t *testing.T, file, said string) {
	t.Helper()
	shown, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(lines(string(shown)), lines(said)); diff != "" {
		t.Errorf("%s (-shown +said):\n%s\n%s", file, diff, said)
	}
}

func lines(text string) []string {
	text = regexp.MustCompile(`\d{4}-\d\d-\d\d(T[\d:]+Z)?`).ReplaceAllString(text, "DATE")
	text = regexp.MustCompile(`[0-9a-f]{12,}`).ReplaceAllString(text, "DIGEST")
	var all []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(strings.Trim(line, "│╵ \n")); line != "" {
			all = append(all, line)
		}
	}
	return all
}

package examples

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// Guides are typed from top to bottom: what a block of Terraform refers to is
// declared in it, or in one before.
func TestGuidesDeclareWhatTheyReferTo(t *testing.T) {
	t.Parallel()
	guides, err := filepath.Glob("../docs/guides/*.md")
	if err != nil || len(guides) == 0 {
		t.Fatalf("no guides: %v", err)
	}
	block := regexp.MustCompile("(?s)```terraform\n(.*?)```")
	// What is moved or imported is declared elsewhere, or by Terraform itself.
	apart := regexp.MustCompile(`(?m)#.*$|^\s*(?:from|to)\s*=.*$`)
	declared := regexp.MustCompile(`(?m)^\s*(variable|resource "\w+"|data "\w+"|ephemeral "\w+") "(\w+)"`)
	referred := regexp.MustCompile(`(?:^|[^\w.:-])(var|(?:data\.|ephemeral\.)?(?:mtls|konnect|kubernetes|vault)_\w+)\.(\w+)`)
	kind := regexp.MustCompile(`\W+`)
	// Part of a composition, which the guide names below it.
	excerpts := map[string]bool{"keys-outside-terraform.md": true}
	for _, guide := range guides {
		text, err := os.ReadFile(guide)
		if err != nil {
			t.Fatal(err)
		}
		known := map[string]bool{}
		for _, found := range block.FindAllStringSubmatch(string(text), -1) {
			code := apart.ReplaceAllString(found[1], "")
			for _, one := range declared.FindAllStringSubmatch(code, -1) {
				what := kind.Split(one[1], -1)
				switch what[0] {
				case "variable":
					known["var."+one[2]] = true
				case "resource":
					known[what[1]+"."+one[2]] = true
				default:
					known[what[0]+"."+what[1]+"."+one[2]] = true
				}
			}
			for _, one := range referred.FindAllStringSubmatch(code, -1) {
				if name := one[1] + "." + one[2]; !known[name] && !excerpts[filepath.Base(guide)] {
					t.Errorf("%s: %s is declared in no block up to the one that refers to it", filepath.Base(guide), name)
				}
			}
		}
	}
}

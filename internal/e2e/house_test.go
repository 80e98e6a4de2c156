package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestGuidesThroughTheHouse: the files and functions that the guides for
// contributors quote are there.
func TestGuidesThroughTheHouse(t *testing.T) {
	t.Parallel()
	code := ourCode(t)
	quoted := regexp.MustCompile("`([^`\n]+)`")
	for _, guide := range []string{"ARCHITECTURE.md", "CONTRIBUTING.md"} {
		text, err := os.ReadFile(filepath.Join("..", "..", guide))
		if err != nil {
			t.Fatal(err)
		}
		checked := 0
		for _, match := range quoted.FindAllStringSubmatch(string(text), -1) {
			asked, found := quotes(code, match[1])
			if asked && !found {
				t.Errorf("%s leads to %s, which is not there", guide, match[1])
			}
			if asked {
				checked++
			}
		}
		if checked < 20 {
			t.Errorf("%s: %d quotations were understood", guide, checked)
		}
	}
}

// quotes looks for what is quoted, if it is a file, a folder, a function, a test,
// or a name of one of the packages.
func quotes(code, quoted string) (asked, found bool) {
	file := regexp.MustCompile(`^[\w.*/-]+\.(go|md|tf|yml|hcl)$|^(internal|examples|templates|tools)(/[\w.-]+)*$`)
	name := regexp.MustCompile(`^(pki|issue|trust|rotation)\.([A-Z]\w*)$`).FindStringSubmatch(quoted)
	switch {
	case strings.HasPrefix(quoted, ".terraform"): // what Terraform leaves behind is nobody's
		return false, false
	case file.MatchString(quoted):
		return true, isThere(quoted)
	case strings.HasSuffix(quoted, "()") || strings.HasPrefix(quoted, "Test"):
		return true, regexp.MustCompile(`\bfunc (\([^)]*\) )?` + strings.TrimSuffix(quoted, "()") + `\(`).MatchString(code)
	case len(name) == 3:
		return true, regexp.MustCompile(`(?m)^(func|type) ` + name[2] + `\b`).MatchString(code)
	default:
		return false, false
	}
}

// isThere looks for a file by its path, or by its name below internal or in a
// composition.
func isThere(file string) bool {
	for _, place := range []string{"", "internal/*", "examples/compositions/*"} {
		if found, _ := filepath.Glob(filepath.Join("..", "..", place, filepath.FromSlash(file))); len(found) > 0 {
			return true
		}
	}
	return false
}

// ourCode is all Go code below internal.
func ourCode(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "*", "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no code: %v", err)
	}
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

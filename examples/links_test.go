package examples

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestLinksLeadSomewhere: each relative link of the documentation and of the
// README names a file that is there, and a heading that the file has.
func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("../docs/*/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("no pages: %v", err)
	}
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	for _, page := range append(pages, "../docs/index.md", "../README.md") {
		text := read(t, page)
		for _, match := range link.FindAllStringSubmatch(text, -1) {
			target, heading, _ := strings.Cut(match[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			aimed := text
			if target != "" {
				file := filepath.Join(filepath.Dir(page), target)
				if info, err := os.Stat(file); err != nil || info.IsDir() {
					if heading != "" || err != nil {
						t.Errorf("%s: nothing at %s", page, match[1])
					}
					continue
				}
				aimed = read(t, file)
			}
			if heading != "" && !hasHeading(aimed, heading) {
				t.Errorf("%s: no heading for %s", page, match[1])
			}
		}
	}
}

// TestEveryPageIsListed: the README links every page of the documentation, and the
// index every guide, each once in its list.
func TestEveryPageIsListed(t *testing.T) {
	t.Parallel()
	readme, index := read(t, "../README.md"), read(t, "../docs/index.md")
	pages, err := filepath.Glob("../docs/*/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("no pages: %v", err)
	}
	for _, page := range pages {
		page = strings.TrimPrefix(filepath.ToSlash(page), "../")
		_, lists, _ := strings.Cut(readme, "\n## Documentation\n")
		if listed := strings.Count(lists, "("+page+")"); listed != 1 {
			t.Errorf("README.md lists %s %d times below Documentation, want once", page, listed)
		}
		if _, lists, _ := strings.Cut(index, "\n## Guides\n"); strings.HasPrefix(page, "docs/guides/") && strings.Count(lists, "("+strings.TrimPrefix(page, "docs/")+")") != 1 {
			t.Errorf("templates/index.md.tmpl does not list %s once", page)
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// hasHeading reports whether a page has an anchor or a heading that is turned
// into this one.
func hasHeading(text, wanted string) bool {
	if strings.Contains(text, `<a id="`+wanted+`"></a>`) {
		return true
	}
	for line := range strings.Lines(text) {
		title, ok := strings.CutPrefix(strings.TrimLeft(line, "#"), " ")
		if !ok || !strings.HasPrefix(line, "#") {
			continue
		}
		anchor := regexp.MustCompile(`[^\w\- ]`).ReplaceAllString(strings.ToLower(strings.TrimSpace(title)), "")
		if strings.ReplaceAll(anchor, " ", "-") == wanted {
			return true
		}
	}
	return false
}

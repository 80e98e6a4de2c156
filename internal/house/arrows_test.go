package house

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/trustplane/terraform-provider-mtls/internal/"

// TestArchitectureDrawsTheImports: the arrows of ARCHITECTURE.md are the imports
// between the packages that it draws, all of them and no others.
func TestArchitectureDrawsTheImports(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "..", "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{"main": "."} // of a box, the folder
	for _, box := range regexp.MustCompile(`(?m)^ +(\w+)\["(?:internal/)?([\w/]+)<br>`).FindAllStringSubmatch(string(page), -1) {
		names[box[1]] = filepath.Join("internal", filepath.FromSlash(box[2]))
	}
	var drawn, found []string
	for _, arrow := range regexp.MustCompile(`(?m)^ +(\w+)(?:\["[^"]*"\])? --> (\w+)$`).FindAllStringSubmatch(string(page), -1) {
		drawn = append(drawn, arrow[1]+" --> "+arrow[2])
	}
	for name, folder := range names {
		for _, imported := range importsOf(t, filepath.Join("..", "..", folder)) {
			for other, target := range names {
				if filepath.ToSlash(target) == "internal/"+imported {
					found = append(found, name+" --> "+other)
				}
			}
		}
	}
	slices.Sort(drawn)
	slices.Sort(found)
	if len(found) < 10 || !slices.Equal(drawn, found) {
		t.Errorf("drawn are\n  %s\nand the imports are\n  %s", strings.Join(drawn, "\n  "), strings.Join(found, "\n  "))
	}
}

// importsOf are the project's own packages that the files of one folder import,
// tests apart.
func importsOf(t *testing.T, folder string) []string {
	t.Helper()
	var all []string
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !isSource(entry) {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(folder, entry.Name()), nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range file.Imports {
			if own, is := strings.CutPrefix(strings.Trim(one.Path.Value, `"`), module); is {
				all = append(all, own)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func isSource(entry fs.DirEntry) bool {
	return !entry.IsDir() && strings.HasSuffix(entry.Name(), ".go") && !strings.HasSuffix(entry.Name(), "_test.go")
}

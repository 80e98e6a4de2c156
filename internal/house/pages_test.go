package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// page is the text of a file of the repository.
func page(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestPagesNameWhatExists: each file, folder, function and test that the pages for
// contributors name is there.
func TestPagesNameWhatExists(t *testing.T) {
	t.Parallel()
	files, functions := contents(t)
	checked := 0
	for _, name := range []string{"ARCHITECTURE.md", "CONTRIBUTING.md"} {
		for _, code := range regexp.MustCompile("`([^`\n]+)`").FindAllStringSubmatch(page(t, name), -1) {
			var exists bool
			switch text := code[1]; {
			case regexp.MustCompile(`^[\w./*-]+\.(go|md|tmpl|yml|tf|hcl)$`).MatchString(text):
				exists = slices.ContainsFunc(files, func(file string) bool {
					same, _ := filepath.Match(text, file)
					inFolder, _ := filepath.Match(text, filepath.Base(file))
					return same || inFolder || strings.HasSuffix(file, "/"+text)
				})
			case regexp.MustCompile(`^(internal|templates|examples|testdata|tools|scripts)/[\w./-]+$`).MatchString(text):
				exists = slices.ContainsFunc(files, func(file string) bool { return strings.Contains("/"+file+"/", "/"+text+"/") })
			case regexp.MustCompile(`^(\w+\.)?\w+\(\)$|^(Test|Benchmark)\w+$`).MatchString(text):
				text = strings.TrimSuffix(text, "()")
				exists = functions[text[strings.LastIndex(text, ".")+1:]]
			default:
				continue
			}
			checked++
			if !exists {
				t.Errorf("%s names %s, which does not exist", name, code[1])
			}
		}
	}
	if checked < 50 {
		t.Errorf("only %d names were checked", checked)
	}
}

// contents lists the files of the repository, by their path from its root, and the
// names of all functions, methods and tests.
func contents(t *testing.T) (files []string, functions map[string]bool) {
	t.Helper()
	root := filepath.Join("..", "..")
	functions = map[string]bool{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == ".git" || entry.Name() == ".terraform" || entry.Name() == "bin"):
			return fs.SkipDir
		case entry.IsDir():
			return nil
		}
		name, err := filepath.Rel(root, path)
		files = append(files, filepath.ToSlash(name))
		if err != nil || !strings.HasSuffix(path, ".go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, declaration := range file.Decls {
			if function, is := declaration.(*ast.FuncDecl); is {
				functions[function.Name.Name] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files, functions
}

// TestEnginePackagesAreGuarded: each package that ARCHITECTURE.md draws in the
// engine has a row in its table and a rule of depguard, and CONTRIBUTING.md lists
// it.
func TestEnginePackagesAreGuarded(t *testing.T) {
	t.Parallel()
	architecture, contributing, linter := page(t, "ARCHITECTURE.md"), page(t, "CONTRIBUTING.md"), page(t, ".golangci.yml")
	_, engine, _ := strings.Cut(architecture, "subgraph engine")
	engine, _, _ = strings.Cut(engine, "\n  end\n")
	boxes := regexp.MustCompile(`(?m)^ +(\w+)\["([\w/]+)<br>`).FindAllStringSubmatch(engine, -1)
	if len(boxes) < 8 {
		t.Fatalf("only %d packages are drawn in the engine", len(boxes))
	}
	_, listed, _ := strings.Cut(contributing, "The engine (")
	listed, _, _ = strings.Cut(listed, ")")
	for _, box := range boxes {
		folder := "internal/" + box[2]
		if !strings.Contains(architecture, "\n| `"+folder+"` |") {
			t.Errorf("ARCHITECTURE.md has no row for %s", folder)
		}
		if !strings.Contains(linter, `files: ["**/`+folder+`/*.go", "!$test"]`) {
			t.Errorf(".golangci.yml does not say what %s may import", folder)
		}
		if !strings.Contains(listed, "`internal/"+box[2]+"`") && !strings.Contains(listed, "`"+box[2]+"`") {
			t.Errorf("CONTRIBUTING.md does not list %s in the engine", folder)
		}
	}
}

// TestVerifiersAreNamed: where people choose a verifier, there is each of them.
func TestVerifiersAreNamed(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		".github/ISSUE_TEMPLATE/verdict.yml", "templates/guides/reading-a-verdict.md.tmpl", "internal/provider/chain_validation_data_source.go",
	} {
		text := page(t, name)
		for _, verifier := range trust.Verifiers() {
			if !regexp.MustCompile("(?i)[`\\[ ]" + string(verifier) + "[`\\],. ]").MatchString(text) {
				t.Errorf("%s does not name %s", name, verifier)
			}
		}
	}
}

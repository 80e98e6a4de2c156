// Package house holds the whole repository to what CONTRIBUTING.md asks of it.
package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// A receiver with more methods, or in more files, has more than one concern,
// however short its functions are.
const (
	mostMethods = 20
	mostFiles   = 3
)

// TestReceiversAreSmall looks at every type of the repository that has methods.
func TestReceiversAreSmall(t *testing.T) {
	t.Parallel()
	found := receivers(t)
	if len(found) < 50 {
		t.Fatalf("only %d types with methods were found", len(found))
	}
	for name, r := range found {
		if r.methods <= mostMethods && len(r.files) <= mostFiles {
			continue
		}
		t.Errorf("%s has %d methods in %d files; at most %d in %d", name, r.methods, len(r.files), mostMethods, mostFiles)
	}
}

// A receiver is what is counted of a type.
type receiver struct {
	methods int
	files   map[string]bool
}

// receivers parses every file of the repository that ships, and counts methods
// by folder and type.
func receivers(t *testing.T) map[string]*receiver {
	t.Helper()
	root := filepath.Join("..", "..")
	found := map[string]*receiver{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != root && (entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), ".") || entry.Name() == "bin"):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		return countMethods(found, root, path)
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func countMethods(found map[string]*receiver, root, path string) error {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	folder, err := filepath.Rel(root, filepath.Dir(path))
	if err != nil {
		return err
	}
	for _, declaration := range file.Decls {
		function, ok := declaration.(*ast.FuncDecl)
		if !ok || function.Recv == nil {
			continue
		}
		name := filepath.ToSlash(folder) + "." + typeName(function.Recv.List[0].Type)
		if found[name] == nil {
			found[name] = &receiver{files: map[string]bool{}}
		}
		found[name].methods++
		found[name].files[path] = true
	}
	return nil
}

// typeName is the name of a receiver's type, without pointer and parameters.
func typeName(expression ast.Expr) string {
	switch e := expression.(type) {
	case *ast.StarExpr:
		return typeName(e.X)
	case *ast.IndexExpr:
		return typeName(e.X)
	case *ast.IndexListExpr:
		return typeName(e.X)
	case *ast.Ident:
		return e.Name
	default:
		return "?"
	}
}

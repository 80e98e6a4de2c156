package e2e

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/standin"
)

const compositionsFolder = "../../examples/compositions"

// TestCompositions runs the tests of every composition, which are terraform's
// own, and holds each README to what it says is refused.
func TestCompositions(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("runs terraform many times: not in -short")
	}
	folders := compositions(t)
	if len(folders) == 0 {
		t.Fatal("no folder holds tests")
	}
	var total passed
	t.Cleanup(func() { t.Logf("%d compositions: %d runs passed", len(folders), total.runs) })
	for _, folder := range folders {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			c := newComposition(t, folder)
			total.add(t, c.terraform(append([]string{"test"}, c.runnable(t)...)...))
			c.leavesNothing()
			c.keepsPromises()
		})
	}
}

// compositions lists the folders with tests, relative to that of compositions.
func compositions(t *testing.T) []string {
	t.Helper()
	var folders []string
	err := filepath.WalkDir(compositionsFolder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && entry.Name() == "tests" {
			folder, failed := filepath.Rel(compositionsFolder, filepath.Dir(path))
			folders, err = append(folders, filepath.ToSlash(folder)), failed
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return folders
}

// runnable selects the files of tests that this terraform can run: with no
// argument, all.
//
// OpenTofu 1.12.0 to 1.12.6, and its main branch on 2026-08-12, dereference nil
// whenever an assertion calls a provider's function: since opentofu#3652
// TestContext.evaluate passes no provider ("TODO pass in tc.plugins" in
// internal/tofu/test_context.go), and in a module that a run names it finds none.
func (c *composition) runnable(t *testing.T) (filters []string) {
	t.Helper()
	printed, err := c.try("version")
	if err != nil {
		t.Fatalf("version: %v\n%s", err, printed)
	}
	version := regexp.MustCompile(`(?m)^OpenTofu v1\.(\d+)\.\d+`).FindStringSubmatch(printed)
	if version == nil {
		return nil
	}
	if minor, _ := strconv.Atoi(version[1]); minor < 12 {
		return nil
	}
	files, err := filepath.Glob(filepath.Join(c.folder, "tests", "*.tftest.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := filepath.Join("tests", filepath.Base(file))
		if !strings.Contains(c.read(name), "provider::") {
			filters = append(filters, "-filter="+filepath.ToSlash(name))
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Skipf("%s panics when an assertion calls a provider's function (opentofu#3652)", version[0])
		})
	}
	if len(filters) == 0 {
		t.Skipf("every file of tests calls a provider's function, and %s panics at that (opentofu#3652)", version[0])
	}
	return filters
}

// A composition is a copy of one, initialised, with a store for what its
// stand-ins are given.
type composition struct {
	*workspace
	store string
}

// newComposition copies all compositions, since they share fixtures, and
// initialises one.
func newComposition(t *testing.T, folder string) *composition {
	t.Helper()
	if testing.Short() {
		t.Skip("runs terraform many times: not in -short")
	}
	all, store := t.TempDir(), t.TempDir()
	if err := os.CopyFS(all, os.DirFS(compositionsFolder)); err != nil {
		t.Fatal(err)
	}
	c := &composition{store: store, workspace: &workspace{
		t: t, folder: filepath.Join(all, filepath.FromSlash(folder)), variables: map[string]string{},
		environment: []string{standin.Folder + "=" + store},
		patience:    5 * time.Minute, // one command runs all the tests of a composition
	}}
	c.terraform("init", "-input=false")
	return c
}

// leavesNothing fails the test if something that was uploaded is still there.
func (c *composition) leavesNothing() {
	c.t.Helper()
	left, err := filepath.Glob(filepath.Join(c.store, "*", "*.json"))
	if err != nil || len(left) > 0 {
		c.t.Errorf("the tests are over and these are left: %v %v", left, err)
	}
}

// keepsPromises compares what terraform says to each refusal with what the
// README says that it does.
func (c *composition) keepsPromises() {
	c.t.Helper()
	readme := c.read("README.md")
	_, chapter, found := strings.Cut(readme, "\n## Refused\n")
	if !found {
		c.t.Fatal("README.md has no chapter Refused")
	}
	promises := regexp.MustCompile("(?s)```text\n(.*?)```").FindAllStringSubmatch(chapter, -1)
	refusals := c.expectNothing()
	if len(promises) != len(refusals) {
		c.t.Errorf("README.md promises %d refusals, and %d are tested", len(promises), len(refusals))
	}
	c.terraform("init", "-input=false") // modules are installed for each file of tests
	said, err := c.try(append([]string{"test"}, refusals...)...)
	if err == nil {
		c.t.Errorf("nothing is refused:\n%s", said)
	}
	for _, promise := range promises {
		if !strings.Contains(unwrapped(said), unwrapped(promise[1])) {
			c.t.Errorf("README.md promises\n%s\nand terraform says\n%s", promise[1], said)
		}
	}
}

// expectNothing writes the runs of refusals.tftest.hcl without the failures that
// they expect, so that terraform shows them: a file for each, since it stops a
// file at the first. It returns the arguments that select them.
func (c *composition) expectNothing() (filters []string) {
	c.t.Helper()
	runs := strings.Split(c.read(filepath.Join("tests", "refusals.tftest.hcl")), "\nrun \"")
	setting := runs[0]
	for _, run := range runs[1:] {
		run = "\nrun \"" + run
		before, after, refused := strings.Cut(run, "expect_failures = [")
		if !refused {
			setting += run
			continue
		}
		_, after, _ = strings.Cut(after, "]")
		file := filepath.Join("tests", fmt.Sprintf("refusal_%d.tftest.hcl", len(filters)))
		if err := os.WriteFile(filepath.Join(c.folder, file), []byte(setting+before+after), 0o600); err != nil {
			c.t.Fatal(err)
		}
		filters = append(filters, "-filter="+filepath.ToSlash(file))
	}
	return filters
}

// unwrapped is a text without line breaks and frames, dates and digests.
func unwrapped(text string) string {
	text = regexp.MustCompile(`\d{4}-\d\d-\d\d(T[\d:]+Z)?`).ReplaceAllString(text, "DATE")
	text = regexp.MustCompile(`[0-9a-f]{12,}`).ReplaceAllString(text, "DIGEST")
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \n│", r) }), " ")
}

// passed counts the runs of terraform's tests.
type passed struct {
	mutex sync.Mutex
	runs  int
}

func (p *passed) add(t *testing.T, said string) {
	t.Helper()
	found := regexp.MustCompile(`Success! (\d+) passed, 0 failed`).FindStringSubmatch(said)
	if found == nil {
		t.Fatalf("terraform does not say how many runs passed:\n%s", said)
	}
	runs, _ := strconv.Atoi(found[1])
	t.Logf("%d runs passed", runs)
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.runs += runs
}

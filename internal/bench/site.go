package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// A site is where Terraform runs: a mirror with the two providers, and a folder
// for each configuration.
type site struct {
	settings settings
	folder   string
	backend  *backend
	rooms    int // so far
}

const version = "0.0.1"

func newSite(ctx context.Context, s settings) (*site, error) {
	folder, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return nil, err
	}
	result := &site{settings: s, folder: folder, backend: newBackend()}
	rc := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", filepath.Join(folder, "mirror"))
	err = errors.Join(
		result.mirror("mtls", s.provider),
		result.mirror("empty", s.empty),
		os.WriteFile(filepath.Join(folder, "terraform.rc"), []byte(rc), 0o600),
	)
	if err == nil {
		_, err = execute(ctx, folder, result.environment(), s.terraform, "version")
	}
	if err != nil {
		result.close()
		return nil, err
	}
	return result, nil
}

func (s *site) close() {
	s.backend.server.Close()
	_ = os.RemoveAll(s.folder) // below the folder of temporary files
}

// mirror puts a provider where terraform init looks for it, for Terraform and
// for OpenTofu.
func (s *site) mirror(name, binary string) error {
	if binary == "" {
		return nil
	}
	absolute, err := filepath.Abs(binary)
	if err != nil {
		return err
	}
	for _, registry := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		at := filepath.Join(s.folder, "mirror", registry, "trustplane", name, version, runtime.GOOS+"_"+runtime.GOARCH)
		if err := os.MkdirAll(at, 0o700); err != nil {
			return err
		}
		if err := os.Symlink(absolute, filepath.Join(at, "terraform-provider-"+name+"_v"+version)); err != nil {
			return err
		}
	}
	return nil
}

// environment is the caller's, without what is about somebody else's
// configuration.
func (s *site) environment() []string {
	kept := []string{"TF_CLI_CONFIG_FILE=" + filepath.Join(s.folder, "terraform.rc"), "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1", "TF_CLI_ARGS=-no-color"}
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "TF_") {
			kept = append(kept, pair)
		}
	}
	return kept
}

// A room is one working folder.
type room struct {
	site    *site
	folder  string
	backend string // "local" or "http"
	path    string // of the state on the http backend
}

// room makes a working folder with config in it, and initialises it.
func (s *site) room(ctx context.Context, config, backend string, chains int) (*room, error) {
	s.rooms++
	r := &room{site: s, folder: filepath.Join(s.folder, fmt.Sprintf("room-%d", s.rooms)), backend: backend, path: fmt.Sprintf("/%d", s.rooms)}
	if err := os.Mkdir(r.folder, 0o700); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(r.folder, "main.tf"), []byte(config), 0o600); err != nil {
		return nil, err
	}
	if chains > 0 {
		now := time.Now()
		if err := writeChains(ctx, filepath.Join(r.folder, "chains.json"), chains, now); err != nil {
			return nil, err
		}
	}
	arguments := []string{"init", "-input=false"}
	if backend == "http" {
		arguments = append(arguments, "-backend-config=address="+s.backend.url(r.path))
	}
	_, err := r.terraform(ctx, arguments...)
	return r, err
}

func (r *room) terraform(ctx context.Context, arguments ...string) (sample, error) {
	return execute(ctx, r.folder, r.site.environment(), r.site.settings.terraform, arguments...)
}

// run runs one step.
func (r *room) run(ctx context.Context, step step) (sample, error) {
	result, err := r.terraform(ctx, append(step.arguments, extra(step)...)...)
	if err != nil && (!step.changes || exitCode(err) != changesPlanned) {
		return result, err
	}
	result.state = r.stateSize()
	return result, nil
}

// extra are the arguments that every plan, apply and destroy is given.
func extra(step step) []string {
	switch step.arguments[0] {
	case "plan", "destroy":
		return []string{"-input=false"}
	default:
		return nil
	}
}

func (r *room) stateSize() int64 {
	if r.backend == "http" {
		return r.site.backend.size(r.path)
	}
	state, err := os.Stat(filepath.Join(r.folder, "terraform.tfstate"))
	if err != nil {
		return 0
	}
	return state.Size()
}

func describe(s settings, out io.Writer) error {
	provider, err := os.Stat(s.provider)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d turns, %s, %d processors, %s; provider of %.1f MB\n",
		s.repeat, filepath.Base(s.terraform), runtime.GOMAXPROCS(0), runtime.GOOS+"/"+runtime.GOARCH, float64(provider.Size())/(1<<20))
	return nil
}

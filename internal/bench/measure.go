package main

import (
	"context"
	"fmt"
	"io"
	"os"
)

// measure lets floor and provider take turns through a scene's steps.
func (s *site) measure(ctx context.Context, scene scene, turns int, results *table) error {
	rows := make([]row, len(scene.steps))
	for turn := range turns {
		// Who goes first takes turns too: a cold disk falls on both.
		configs := []string{scene.floor, scene.config}
		for i := range configs {
			which := (i + turn) % len(configs)
			samples, err := s.live(ctx, scene, configs[which])
			if err != nil {
				return fmt.Errorf("%s: %w", scene.title, err)
			}
			for step, sample := range samples {
				rows[step].add(which, sample)
			}
		}
	}
	for i, step := range scene.steps {
		results.print(scene, step.name, rows[i])
	}
	return nil
}

// live runs a configuration through all steps in a room of its own.
func (s *site) live(ctx context.Context, scene scene, config string) ([]sample, error) {
	room, err := s.room(ctx, config, scene.backend, scene.chains)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(room.folder)
	samples := make([]sample, 0, len(scene.steps))
	for _, step := range scene.steps {
		sample, err := room.run(ctx, step)
		if err != nil {
			return nil, err
		}
		samples = append(samples, sample)
	}
	return samples, nil
}

// measureStart starts Terraform with the provider, and with one that provides
// nothing.
func (s *site) measureStart(ctx context.Context, turns int, out io.Writer) error {
	results := newTable(out, "empty provider", "mtls")
	start := scene{
		title: "start", backend: "local",
		floor:  "terraform {\n  required_providers {\n    empty = {\n      source = \"trustplane/empty\"\n    }\n  }\n}\nprovider \"empty\" {}\n",
		config: header + "provider \"mtls\" {}\n",
		steps: []step{
			{name: "providers schema", arguments: []string{"providers", "schema", "-json"}},
			{name: "validate", arguments: []string{"validate"}},
		},
	}
	// A start is short and noisy.
	return s.measure(ctx, start, turns*startTurns, results)
}

// startTurns is how many starts one turn is worth.
const startTurns = 5

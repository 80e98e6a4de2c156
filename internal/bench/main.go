// Command bench measures what real Terraform takes for the provider's resources,
// next to the floor: as many of Terraform's own terraform_data in the same run.
//
// It prints medians and ratios as a table in Markdown. Floor and provider take
// turns, and a ratio is the median of the ratios of single turns, so that what
// else the machine does falls on both. Read the ratios; seconds are of one
// machine on one day. Processor time is given besides, since it shows what
// waiting hides. It is the sum of Terraform and all that it starts.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// settings are what a run measures.
type settings struct {
	terraform string
	provider  string // the binary
	empty     string // the binary of the provider that provides nothing

	leaves      []int // resources of one certificate, by for_each
	nodes       []int // data planes in sets of setSize
	growth      []int // data planes in one set
	entries     []int // of one revocation list
	validations []int
	setSize     int
	backends    []string
	start       bool
	repeat      int
}

func main() {
	log.SetFlags(0)
	// An interrupt also reaches Terraform; run then cleans up what it left.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		log.Fatal("error: ", err)
	}
}

func run(ctx context.Context, arguments []string, out io.Writer) error {
	s, err := readSettings(arguments)
	if err != nil {
		return err
	}
	site, err := newSite(ctx, s)
	if err != nil {
		return err
	}
	defer site.close()
	if err := describe(s, out); err != nil {
		return err
	}
	if s.start {
		if err := site.measureStart(ctx, s.repeat, out); err != nil {
			return err
		}
	}
	results := newTable(out, "terraform_data", "mtls")
	for _, scene := range s.scenes() {
		if err := site.measure(ctx, scene, s.repeat, results); err != nil {
			return err
		}
	}
	return nil
}

func readSettings(arguments []string) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&s.terraform, "terraform", "terraform", "the terraform or tofu to run")
	flags.StringVar(&s.provider, "provider", "", "the provider's binary")
	flags.StringVar(&s.empty, "empty", "", "the binary of a provider that provides nothing; without it, the start is not measured")
	leaves := flags.String("leaves", "1,100,1000", "numbers of certificates, one resource each")
	nodes := flags.String("nodes", "500,1000,10000", "numbers of data planes in sets")
	growth := flags.String("growth", "100,500,1000", "numbers of data planes in one set")
	entries := flags.String("entries", "1000,5000,10000", "numbers of entries of a revocation list")
	validations := flags.String("validations", "1000", "numbers of chain validations")
	backends := flags.String("backends", "local,http", "where certificates of one resource each keep their state: local, http")
	flags.IntVar(&s.setSize, "set-size", 500, "data planes a set")
	flags.IntVar(&s.repeat, "repeat", 3, "turns")
	if err := flags.Parse(arguments); err != nil {
		return s, err
	}
	s.start = s.empty != ""
	s.backends = words(*backends)
	for _, list := range []struct {
		text string
		into *[]int
	}{{*leaves, &s.leaves}, {*nodes, &s.nodes}, {*growth, &s.growth}, {*entries, &s.entries}, {*validations, &s.validations}} {
		numbers, err := integers(list.text)
		if err != nil {
			return s, err
		}
		*list.into = numbers
	}
	if s.provider == "" {
		return s, fmt.Errorf("-provider is missing: run make bench-terraform")
	}
	if s.repeat < 1 || s.setSize < 1 {
		return s, fmt.Errorf("-repeat and -set-size must be at least 1")
	}
	return s, nil
}

func words(text string) []string {
	return slices.DeleteFunc(strings.Split(text, ","), func(word string) bool { return word == "" })
}

func integers(text string) ([]int, error) {
	var numbers []int
	for _, word := range words(text) {
		number, err := strconv.Atoi(word)
		if err != nil || number < 1 {
			return nil, fmt.Errorf("%q is no number of resources", word)
		}
		numbers = append(numbers, number)
	}
	return numbers, nil
}

// scenes lists what is measured, the small ones first.
func (s settings) scenes() []scene {
	var scenes []scene
	for _, backend := range s.backends {
		for _, count := range s.leaves {
			scenes = append(scenes, leafScene(count, backend))
		}
	}
	for _, count := range s.growth {
		scenes = append(scenes, setScene(count, count))
	}
	for _, count := range s.nodes {
		scenes = append(scenes, setScene(count, min(count, s.setSize)))
	}
	for _, count := range s.entries {
		scenes = append(scenes, listScene(count))
	}
	for _, count := range s.validations {
		scenes = append(scenes, validationScene(count))
	}
	slices.SortStableFunc(scenes, func(a, b scene) int { return cmp.Compare(a.kind, b.kind) })
	return scenes
}

package main

import (
	"fmt"
	"io"
	"slices"
)

// A row is all samples of one step: those of the floor and those of the
// provider, turn by turn.
type row struct {
	samples [2][]sample
}

const floorSide, providerSide = 0, 1

func (r *row) add(side int, s sample) { r.samples[side] = append(r.samples[side], s) }

// of is the median of what one side took.
func (r *row) of(side int, measure func(sample) float64) float64 {
	values := make([]float64, 0, len(r.samples[side]))
	for _, s := range r.samples[side] {
		values = append(values, measure(s))
	}
	return median(values)
}

// ratio is the median of the ratios of single turns.
func (r *row) ratio(measure func(sample) float64) float64 {
	var ratios []float64
	for turn, floor := range r.samples[floorSide] {
		if below := measure(floor); below > 0 {
			ratios = append(ratios, measure(r.samples[providerSide][turn])/below)
		}
	}
	return median(ratios)
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	middle := len(values) / 2
	if len(values)%2 == 1 {
		return values[middle]
	}
	return (values[middle-1] + values[middle]) / 2
}

func wall(s sample) float64      { return s.wall.Seconds() }
func processor(s sample) float64 { return s.processor.Seconds() }
func memory(s sample) float64    { return float64(s.memory) / (1 << 20) }
func state(s sample) float64     { return float64(s.state) }

// A table is printed row by row, as it is measured.
type table struct{ out io.Writer }

func newTable(out io.Writer, floor, provider string) *table {
	fmt.Fprintf(out, "\n| what | step | %s, s | %s, s | ratio | ratio of processor time | memory, MB | at the floor, MB | bytes of state each |\n", floor, provider)
	fmt.Fprintln(out, "|---|---|--:|--:|--:|--:|--:|--:|--:|")
	return &table{out}
}

func (t *table) print(scene scene, step string, r row) {
	each := "–"
	if bytes := r.of(providerSide, state); bytes > 0 && step != "destroy" && scene.count > 0 {
		each = grouped(int(bytes) / scene.count)
	}
	fmt.Fprintf(t.out, "| %s | %s | %.2f | %.2f | %.2f | %.2f | %.0f | %.0f | %s |\n", scene.title, step,
		r.of(floorSide, wall), r.of(providerSide, wall), r.ratio(wall), r.ratio(processor), r.of(providerSide, memory), r.of(floorSide, memory), each)
}

// Package seeds gives the property tests of pgregory.net/rapid one seed, so that
// a suite is green whenever the code is right: what a random run finds is worth
// having, but must not decide over an unrelated change.
//
//	func TestMain(m *testing.M) {
//		seeds.Fix(map[string]string{"rapid.checks": "1000"})
//		m.Run()
//	}
//
// Random seeds, for the job that looks for finds:
//
//	MTLS_RANDOM_SEEDS=1 go test ./internal/trust -rapid.checks 10000
//
// A find is kept as a case of the test, with its reason. How much tests repeat is
// decided here, too: [Number] for what is random, and [Terraform].
package seeds

import (
	"flag"
	"os"
)

// Variable is the environment variable that asks for random seeds, with any
// value but the empty one.
const Variable = "MTLS_RANDOM_SEEDS"

// Fix sets the flags of rapid, except those that the command line has: one seed
// unless [Variable] is set, no files of finds, which would fail every later run
// on this machine only, and what else is given, by the names of the flags. Call
// it in TestMain. It panics for a flag that does not exist.
func Fix(flags map[string]string) {
	flag.Parse()
	asked := map[string]bool{}
	flag.Visit(func(f *flag.Flag) { asked[f.Name] = true })
	set := func(name, value string) {
		if asked[name] {
			return
		}
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	set("rapid.nofailfile", "true")
	if os.Getenv(Variable) == "" {
		set("rapid.seed", "1")
	}
	for name, value := range flags {
		set(name, value)
	}
}

// Number is how many random cases a test looks at: the first in every run of the
// tests, enough for what the law forbids to be found, and the second with random
// seeds, once a week.
func Number(usual, weekly int) int {
	if os.Getenv(Variable) == "" {
		return usual
	}
	return weekly
}

package signer

import (
	"bytes"
	"slices"
	"testing"
)

// A signature may end with the bytes of a line's end: one in 256 that a program
// writes as a line ends with a carriage return.
func TestSignatureMayEndAsALineDoes(t *testing.T) {
	t.Parallel()
	for _, signature := range []string{"signature", "signature\r", "signature\n", "signature\r\n"} {
		for _, end := range []string{"", "\n", "\r\n"} {
			is := func(candidate []byte) bool { return bytes.Equal(candidate, []byte(signature)) }
			if all := unwrapped([]byte(signature + end)); !slices.ContainsFunc(all, is) {
				t.Errorf("%q written with the end %q is read as %q only", signature, end, all)
			}
		}
	}
}

package rotation

import (
	"hash/fnv"
	"math/bits"
	"time"
)

// Spread gives key its place in [0, window): always the same for one key and
// window, and for many keys evenly spread. It is zero for a window that is not
// positive.
//
// Moving each node of a fleet earlier than due by its place renews the fleet
// little by little, and none of it late. A place is no secret.
func Spread(key string, window time.Duration) time.Duration {
	if window <= 0 {
		return 0
	}
	sum := fnv.New64a()
	sum.Write([]byte(key)) // a hash.Hash never fails to write
	place, _ := bits.Mul64(mix(sum.Sum64()), uint64(window))
	return time.Duration(place) //nolint:gosec // below window, so it fits
}

// mix lets each bit of h reach every other: FNV-1a leaves the high bits of keys
// that differ in their last letter, "edge-1" and "edge-2", almost alike, and
// those bits decide the place. Two rounds of multiplying by an odd number and
// folding the high half down, the finalizer of MurmurHash3.
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

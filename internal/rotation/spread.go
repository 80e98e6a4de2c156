package rotation

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"time"
)

// Spread gives key its place in [0, window): always the same for one key and
// window, and for many keys evenly spread. It is zero for a window that is not
// positive.
//
// Moving each node of a fleet earlier than due by its place renews the fleet
// little by little, and none of it late. A place is not a secret.
func Spread(key string, window time.Duration) time.Duration {
	if window <= 0 {
		return 0
	}
	sum := sha256.Sum256([]byte(key))
	place, _ := bits.Mul64(binary.BigEndian.Uint64(sum[:]), uint64(window))
	return time.Duration(place) //nolint:gosec // below window, so it fits
}

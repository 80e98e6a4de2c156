package seeds

import (
	"errors"
	"os"
)

// Terraform has the terraforms that tests run collect no garbage, below a limit:
// each lives for a moment, and collecting takes a third of its time. Call it in
// TestMain. What the environment says stays.
func Terraform() error {
	if os.Getenv("GOGC") != "" {
		return nil
	}
	return errors.Join(os.Setenv("GOGC", "off"), os.Setenv("GOMEMLIMIT", "1GiB"))
}

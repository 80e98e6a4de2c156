package trust

import (
	"fmt"
	"strings"
	"time"
)

// span writes a time of zero or more in its largest unit that fits twice,
// rounded down, so that it never says more than there is.
func span(distance time.Duration) string {
	const day = 24 * time.Hour
	for _, unit := range []struct {
		name   string
		length time.Duration
	}{{"year", 365 * day}, {"month", 30 * day}, {"day", day}, {"hour", time.Hour}, {"minute", time.Minute}} {
		if count := distance / unit.length; count >= 2 {
			return fmt.Sprintf("%d %ss", count, unit.name)
		}
	}
	if seconds := distance / time.Second; seconds != 1 {
		return fmt.Sprintf("%d seconds", seconds)
	}
	return "1 second"
}

// written is a duration as users write it, without zero parts at its end.
func written(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// count writes a number with its noun: "1 intermediate CA", "no intermediate CA".
func count(number int, noun string) string {
	switch number {
	case 0:
		return "no " + noun
	case 1:
		return "1 " + noun
	default:
		return fmt.Sprintf("%d %ss", number, noun)
	}
}

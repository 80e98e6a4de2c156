package trust

import (
	"net"
	"slices"
	"strings"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// serverNameMatches is about a server's certificate that is not one of the name
// that the verifier looks for, as X509_check_host of OpenSSL compares them, which
// nginx calls for a cosocket: alternative DNS names with wildcards, and common
// names only where there is no alternative DNS name. An IP address is compared as
// a text with those: alternative names of that kind are not looked at.
func serverNameMatches(q *question, path []*Entry, at int) []finding {
	name := q.serverName()
	if at > 0 || name == "" {
		return nil
	}
	leaf := path[0]
	commonNames := pki.CommonNames(leaf.Subject)
	candidates := leaf.DNSNames
	if len(candidates) == 0 {
		candidates = commonNames
	}
	matches := func(pattern string) bool { return matchesHost(pattern, name) }
	if slices.ContainsFunc(candidates, matches) {
		return nil
	}
	detail := sayf("%s looks for the name %q, and its DNS names are %s", q.profile.title, name, shownNames(leaf.DNSNames))
	switch {
	case len(leaf.DNSNames) > 0 && slices.ContainsFunc(commonNames, matches):
		detail = sayf("%s looks for the name %q; that is its common name, which counts only without alternative DNS names, and those are %s", q.profile.title, name, shownNames(leaf.DNSNames))
	case len(leaf.DNSNames) == 0:
		detail = sayf("%s looks for the name %q; it has no alternative DNS names, and its common name is %s", q.profile.title, name, shownNames(commonNames))
	case net.ParseIP(name) != nil:
		detail = sayf("%s looks for %q among its DNS names, which are %s; its IP addresses are not compared", q.profile.title, name, shownNames(leaf.DNSNames))
	}
	return []finding{about(leaf, ServerNameMismatch, Error, detail, nameRemedy(q, leaf, name))}
}

func nameRemedy(q *question, leaf *Entry, name string) message {
	switch {
	case q.profile.name.fixed != "":
		return sayf("issue %s with the DNS name %q", leaf, name)
	case net.ParseIP(name) != nil:
		return sayf("set cluster_server_name to a DNS name of %s", leaf)
	default:
		return sayf("issue %s with the DNS name %q, or set cluster_server_name to a name that it has", leaf, name)
	}
}

// shownNames writes the first few names.
func shownNames(names []string) string {
	const most = 5
	if len(names) == 0 {
		return "(none)"
	}
	text := pki.Printable(strings.Join(names[:min(most, len(names))], ", "))
	if len(names) > most {
		text += ", …"
	}
	return text
}

// matchesHost is equal_wildcard of OpenSSL (crypto/x509/v3_utl.c): a pattern is
// the name itself without regard to the case of ASCII letters, or has one star at
// the start or the end of its first label, two further labels at least, and
// stands for a part of one label.
func matchesHost(pattern, name string) bool {
	if strings.ContainsRune(pattern, 0) {
		return false
	}
	prefix, suffix, wildcard := cutStar(pattern)
	if !wildcard || len(name) > 1 && name[0] == '.' {
		return equalASCII(pattern, name)
	}
	if len(name) < len(prefix)+len(suffix) || !equalASCII(prefix, name[:len(prefix)]) || !equalASCII(suffix, name[len(name)-len(suffix):]) {
		return false
	}
	covered := name[len(prefix) : len(name)-len(suffix)]
	wholeLabel := prefix == "" && suffix[0] == '.'
	switch {
	case wholeLabel && covered == "":
		return false
	case !wholeLabel && startsACE(name[len(prefix):]):
		return false
	case covered == "*":
		return true
	default:
		return strings.Trim(covered, lettersAndDigits+"-") == ""
	}
}

const lettersAndDigits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// cutStar cuts a pattern at its star, if it is one that stands for something
// (valid_star).
func cutStar(pattern string) (prefix, suffix string, ok bool) {
	labels := strings.Split(pattern, ".")
	if len(labels) < 3 || strings.Count(pattern, "*") != 1 || !strings.Contains(labels[0], "*") {
		return "", "", false
	}
	star := strings.Index(pattern, "*")
	first := labels[0]
	if star > 0 && star < len(first)-1 || startsACE(first) {
		return "", "", false
	}
	for _, label := range labels {
		if label == "" || strings.Trim(label, lettersAndDigits+"-*") != "" || label[0] == '-' || strings.HasSuffix(strings.TrimSuffix(label, "*"), "-") {
			return "", "", false
		}
	}
	return pattern[:star], pattern[star+1:], true
}

// startsACE reports whether a label is in the form of internationalized names
// (RFC 5890, 2.3.2.1).
func startsACE(label string) bool { return len(label) >= 4 && equalASCII(label[:4], "xn--") }

// equalASCII compares without regard to the case of ASCII letters.
func equalASCII(a, b string) bool {
	return len(a) == len(b) && lowerASCII(a) == lowerASCII(b)
}

func lowerASCII(text string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, text)
}

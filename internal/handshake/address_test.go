package handshake_test

import (
	"strings"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/handshake"
)

func TestParseAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{ // the address, or a part of the error
		"cp.acme.internal:8005":                   "cp.acme.internal:8005",
		"127.0.0.1:1":                             "127.0.0.1:1",
		"[2001:db8::1]:65535":                     "[2001:db8::1]:65535",
		"[fe80::1%eth0]:8005":                     "[fe80::1%eth0]:8005",
		"kong_clustering:8005":                    "kong_clustering:8005",
		"cp.acme.internal.:8005":                  "cp.acme.internal.:8005",
		"":                                        "the port is missing",
		"cp.acme.internal":                        "the port is missing",
		"cp.acme.internal:":                       `has the port ""`,
		"cp.acme.internal:https":                  `has the port "https"`,
		"cp.acme.internal:0":                      `has the port "0"`,
		"cp.acme.internal:65536":                  `has the port "65536"`,
		"cp.acme.internal:-1":                     `has the port "-1"`,
		":8005":                                   "has no host",
		"https://cp.acme.internal":                `has a scheme: write host:port only, such as "cp.example.com:8005"`,
		"wss://cp.acme:8005/v2":                   `has a scheme: write host:port only, such as "cp.acme:8005"`,
		"cp.acme.internal:8005/v2":                `has a path: write host:port only, such as "cp.acme.internal:8005", and set http.path`,
		"cp.acme.internal/v2":                     `has a path: write host:port only, such as "cp.example.com:8005", and set http.path`,
		"edge@cp.acme.internal:1":                 "names a user",
		"2001:db8::1":                             `IPv6 without brackets, or has no port: write "[2001:db8::1]:8005"`,
		"2001:db8::1:8005":                        "IPv6 without brackets",
		"2001:db8::zz:8005":                       "IPv6 needs brackets",
		"[2001:db8::1]":                           "the port is missing",
		"cp acme:8005":                            "is not the name of a host",
		"cp..acme:8005":                           "a part between its dots is empty",
		"b\u00fccher.example:8005":                "Punycode",
		"cp\nacme:8005":                           "is not the name of a host",
		strings.Repeat("a", 64) + ".example:8005": "longer than 63 letters",
		strings.Repeat("abcdefg.", 32) + "x:8005": "longer than the 253 letters",
	} {
		address, err := handshake.ParseAddress(text)
		got := address.String()
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, want) || err == nil && got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// FuzzParseAddress: what is read is written as it is read again, and no error
// has a control character of the input in it.
func FuzzParseAddress(f *testing.F) {
	for _, text := range []string{"cp.acme.internal:8005", "[2001:db8::1]:8005", "https://cp/", "::1", "a:b:c", "\x00:1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		address, err := handshake.ParseAddress(text)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\x00\n\x1b") {
				t.Fatalf("%q", err)
			}
			return
		}
		again, err := handshake.ParseAddress(address.String())
		if err != nil || again != address || address.Port == 0 || address.Host == "" {
			t.Fatalf("%q is %+v, and then %+v: %v", text, address, again, err)
		}
	})
}

package pki

import (
	"encoding/asn1"
	"fmt"
)

// The bounds on what is read. What crypto/x509 makes of DER takes up to fifty
// times its bytes, for names of many parts and for URIs.
const (
	// largestBlock is how many bytes of DER a certificate, a CSR or a private key
	// may have. TLS peers accept some 100 kB (OpenSSL) to 256 kB (Go) for a whole
	// chain.
	largestBlock = 1 << 20
	// mostElements is how many elements of DER the certificates of one argument may
	// have. Small certificates have 45 of them, those of public CAs some 100.
	mostElements = 300_000
)

// A quota is what is left of [mostElements]. The zero value has all of it.
type quota struct{ used int }

// take takes what DER needs out of the quota. Its error goes on from the block.
func (q *quota) take(der []byte) error {
	if len(der) > largestBlock {
		return fmt.Errorf("has %d bytes; more than 1 MiB is not read, and TLS peers accept far less", len(der))
	}
	if q.used += countElements(der, mostElements-q.used); q.used > mostElements {
		return fmt.Errorf("is more than what is read at once, with the blocks in front of it: give fewer, or smaller, certificates; some 3000 are read")
	}
	return nil
}

// countElements counts the elements of DER, those within others too, and within
// the octets of extensions; it stops behind most.
func countElements(der []byte, most int) int {
	count := 0
	waiting := [][]byte{der}
	for len(waiting) > 0 && count <= most {
		rest := waiting[len(waiting)-1]
		waiting = waiting[:len(waiting)-1]
		for len(rest) > 0 && count <= most {
			first, behind, ok := nextElement(rest)
			if !ok {
				break
			}
			count++
			rest = behind
			constructed := first.full[0]&0x20 != 0
			wraps := first.class == asn1.ClassUniversal && first.tag == asn1.TagOctetString && len(first.content) > 1 && first.content[0] == 0x30
			if constructed || wraps {
				waiting = append(waiting, first.content)
			}
		}
	}
	return count
}

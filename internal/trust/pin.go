package trust

import (
	"bytes"
	"slices"
)

// pinOf returns the leaf if the verifier takes it for a pin: an upload of the
// very same bytes. A pin is only compared; it is not an issuer.
func pinOf(q *question) *Entry {
	leaf := q.pool.leaf
	switch q.profile.pins {
	case anyUpload:
		if len(leaf.Uploaded) > 0 {
			return leaf
		}
	case firstUpload:
		if len(leaf.Uploaded) > 0 && leaf.Uploaded[0] == 1 {
			return leaf
		}
	case noPins:
	}
	return nil
}

// judgePin judges a leaf that is pinned. Dates still count, and a key that TLS
// itself cannot use; of the rest, whenPinned says what does.
func judgePin(q *question, pin *Entry) Verdict {
	path := []*Entry{pin}
	onLeaf := findOnCertificate(q, path, 0)
	always := []Code{Expired, NotYetValid, UnusableKey}
	if !isRSA(pin) {
		always = append(always, WeakKey)
	}
	found := append(only(onLeaf, always...), findRules(q, wholePath, path)...)
	found = append(found, q.profile.whenPinned(q, pin, without(onLeaf, always...))...)
	if !refuses(found) {
		return accept(q, Pinned, path, found)
	}
	// A pin that is refused may still lead to an anchor: being uploaded itself
	// must not cost a leaf the trust that it has without.
	if q.profile.followsPaths() {
		if way, besides, accepted := acceptablePath(q); accepted {
			return accept(q, PKI, way, besides)
		}
	}
	return refuse(q, path, found)
}

// onlyCompared is for a verifier that compares a pin and looks at nothing else.
func onlyCompared(_ *question, _ *Entry, found []finding) []finding { return asWarnings(found) }

// explainPin says why a verifier that only knows pins refuses the leaf.
func explainPin(q *question) Verdict {
	path := []*Entry{q.pool.leaf}
	found := []finding{notThePin(q, q.pool.leaf, q.pool.upload(1))}
	found = append(found, only(findOnCertificate(q, path, 0), Expired, NotYetValid, WeakKey, UnusableKey)...)
	return refuse(q, path, found)
}

// notThePin compares the leaf with the only upload that counts.
func notThePin(q *question, leaf, first *Entry) finding {
	switch {
	case len(leaf.Uploaded) > 0:
		return about(leaf, PinNotFirst, Error,
			sayf("it is upload number %d, and %s compares only with the first upload", leaf.Uploaded[0], q.profile.title),
			sayf("put %s first in cluster_cert", leaf))
	case first == nil:
		return about(leaf, NotThePinnedCertificate, Error, sayf("the first upload is not a readable certificate"),
			sayf("put %s first in cluster_cert", leaf))
	case sameName(leaf, first):
		return pinChanged(leaf, first)
	case marksCA(first.Certificate) && bytes.Equal(leaf.RawIssuer, first.RawSubject):
		return about(leaf, IssuerUploadedAsPin, Error,
			sayf("its issuer %s is uploaded, but %s compares the leaf itself and does not verify chains", first, q.profile.title),
			sayf("upload %s itself, or run the control plane with cluster_mtls = pki and %s as its CA", leaf, first))
	default:
		return about(leaf, NotThePinnedCertificate, Error,
			sayf("it is not the first upload, which is %s", inPlace(first)),
			sayf("present %s, or upload %s in its place", first, leaf))
	}
}

// pinChanged explains a leaf that has the name of an uploaded one: renewed with
// the same key, or with another.
func pinChanged(leaf, upload *Entry) finding {
	if bytes.Equal(leaf.RawSubjectPublicKeyInfo, upload.RawSubjectPublicKeyInfo) {
		return about(leaf, PinRenewed, Error,
			sayf("it has the subject and the key of %s, but is a different certificate: a pin is the whole certificate, not just its key", inPlace(upload)),
			sayf("upload the renewed certificate of %s, then switch the data plane, then delete the old upload", leaf))
	}
	return about(leaf, PinReplaced, Error,
		sayf("it has the subject of %s, but a different key", inPlace(upload)),
		sayf("upload the new certificate of %s, or present the uploaded one with its own key", leaf))
}

// changedPins finds uploads that the leaf seems to have replaced.
func changedPins(q *question) []finding {
	leaf := q.pool.leaf
	at := slices.IndexFunc(q.pool.namedAs(leaf.RawSubject), func(upload *Entry) bool {
		return upload != leaf && len(upload.Uploaded) > 0 && sameName(leaf, upload) && (q.profile.pins != noPins || upload.EndsItself())
	})
	if at < 0 {
		return nil
	}
	return []finding{pinChanged(leaf, q.pool.namedAs(leaf.RawSubject)[at])}
}

// pinIsNotCA warns of a pin that could sign others.
func pinIsNotCA(_ *question, path []*Entry, _ int) []finding {
	pin := path[0]
	if len(path) > 1 || !marksCA(pin.Certificate) {
		return nil
	}
	return []finding{about(pin, PinIsCA, Warning, sayf("it is uploaded as a pin and is a CA too: whoever has its key can issue further certificates that are accepted"),
		sayf("issue %s with CA:FALSE and upload that instead", pin))}
}

// rootPinIsNotCA is [pinIsNotCA] where a pin is a root, and version 1 roots are
// CAs.
func rootPinIsNotCA(q *question, path []*Entry, at int) []finding {
	pin := path[0]
	if len(path) > 1 || pin.Version >= 3 {
		return pinIsNotCA(q, path, at)
	}
	return []finding{about(pin, PinIsCA, Warning, sayf("it is X.509 version %d and uploaded as a root: whoever has its key can issue further certificates that are accepted", pin.Version),
		sayf("issue %s as X.509 version 3 with CA:FALSE and upload that instead", pin))}
}

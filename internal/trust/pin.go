package trust

import (
	"bytes"
	"crypto/rsa"
	"fmt"
	"slices"
)

// pin returns the leaf if the control plane takes it for a pin: an upload of
// the very same bytes. A pin is compared and nothing more; it is no issuer.
func (j *judgement) pin() *holding {
	leaf := j.held.leaf
	switch j.profile.pins {
	case anyUpload:
		if len(leaf.uploaded) > 0 {
			return leaf
		}
	case firstUpload:
		if len(leaf.uploaded) > 0 && leaf.uploaded[0] == 1 {
			return leaf
		}
	case noPins:
	}
	return nil
}

// judgePin judges a leaf that is pinned. Dates still count; what the leaf says
// it may be used for counts only in the company that [judgement.company] finds.
func (j *judgement) judgePin(pin *holding) Verdict {
	path := []*holding{pin}
	found := j.dateFaults(pin)
	found = append(found, j.endFaults(path)...)
	found = append(found, j.pinRevocation(pin)...)
	suspect := slices.Concat(criticalFaults(pin), j.purposeFaults(pin, 0), j.leafUsage(pin))
	if _, isRSA := pin.PublicKey.(*rsa.PublicKey); isRSA {
		suspect = append(suspect, j.keyFaults(pin, 0)...)
	} else { // no matter of the chain: TLS itself cannot use the key
		found = append(found, j.keyFaults(pin, 0)...)
	}
	if j.profile.openSSL {
		suspect = j.inCompany(pin, suspect)
	} else {
		suspect = mildly(suspect)
	}
	found = append(found, suspect...)
	if !refuses(found) {
		return j.accept(Pinned, path, found)
	}
	// A pin that is refused may still lead to an anchor: being uploaded itself
	// must not cost a leaf the trust that it has without.
	if verdict, ok := j.acceptPath(); ok {
		return verdict
	}
	j.note(found...)
	return j.refuse(path)
}

// explainPin says why a control plane that knows pins alone refuses the leaf.
func (j *judgement) explainPin() Verdict {
	leaf := j.held.leaf
	j.note(j.pinMiss(leaf, j.held.upload(1)))
	j.note(j.dateFaults(leaf)...)
	j.note(j.keyFaults(leaf, 0)...)
	return j.refuse([]*holding{leaf})
}

// pinMiss compares the leaf with the only upload that counts.
func (j *judgement) pinMiss(leaf, first *holding) Finding {
	switch {
	case len(leaf.uploaded) > 0:
		return about(leaf, PinNotFirst, Error,
			fmt.Sprintf("it is upload number %d, and %s compares with the first upload alone", leaf.uploaded[0], j.profile.title),
			fmt.Sprintf("put %s first in cluster_cert", leaf.name()))
	case first == nil:
		return about(leaf, PinDiffers, Error, "the first upload is no readable certificate",
			fmt.Sprintf("put %s first in cluster_cert", leaf.name()))
	case sameName(leaf, first):
		return j.pinChanged(leaf, first)
	case marksCA(first.Certificate) && bytes.Equal(leaf.RawIssuer, first.RawSubject):
		return about(leaf, IssuerIsNoPin, Error,
			fmt.Sprintf("its issuer %s is uploaded, but %s compares the leaf itself and follows no chain", first.name(), j.profile.title),
			fmt.Sprintf("upload %s itself, or run the control plane with cluster_mtls = pki and %s as its CA", leaf.name(), first.name()))
	default:
		return about(leaf, PinDiffers, Error,
			fmt.Sprintf("it is not the first upload, which is %s", first.describe()),
			fmt.Sprintf("present %s, or upload %s in its place", first.name(), leaf.name()))
	}
}

func sameName(a, b *holding) bool {
	return len(a.Subject.Names) > 0 && bytes.Equal(a.RawSubject, b.RawSubject)
}

// pinChanged explains a leaf that has the name of an uploaded one: renewed with
// the same key, or with another.
func (j *judgement) pinChanged(leaf, upload *holding) Finding {
	if bytes.Equal(leaf.RawSubjectPublicKeyInfo, upload.RawSubjectPublicKeyInfo) {
		return about(leaf, PinRenewed, Error,
			fmt.Sprintf("it has the subject and the key of %s, but is another certificate: a pin is the whole certificate, not its key", upload.describe()),
			fmt.Sprintf("upload the renewed certificate of %s, then switch the data plane, then delete the old upload", leaf.name()))
	}
	return about(leaf, PinReplaced, Error,
		fmt.Sprintf("it has the subject of %s, but another key", upload.describe()),
		fmt.Sprintf("upload the new certificate of %s, or present the uploaded one with its own key", leaf.name()))
}

// changedPins finds uploads that the leaf seems to have replaced.
func (j *judgement) changedPins() []Finding {
	leaf := j.held.leaf
	for _, upload := range j.held.bySubject(leaf.RawSubject) {
		if upload != leaf && len(upload.uploaded) > 0 && sameName(leaf, upload) && (j.profile.pins != noPins || endsItself(upload.Certificate)) {
			return []Finding{j.pinChanged(leaf, upload)}
		}
	}
	return nil
}

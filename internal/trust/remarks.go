package trust

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// remarks warns of what is presented or uploaded and had better not be. path is
// the accepted path, or the best candidate.
func (j *judgement) remarks(path []*holding, trusted bool) {
	for _, place := range j.held.unusable {
		j.note(Finding{UnusableCertificate, Warning, place, "it is no parsed certificate and was passed over", "leave it out, or give the certificate that is meant"})
	}
	if j.held.dropped > 0 {
		j.note(Finding{
			LimitReached, Warning, "", fmt.Sprintf("only the first %d presented certificates are looked at; %d more are not", maxPresented, j.held.dropped),
			"present the leaf and its intermediates alone",
		})
	}
	j.duplicates()
	if len(j.held.leaf.presented) > 0 && len(j.held.all) > 1 {
		j.presentedRemarks(path, trusted)
	}
	j.pinRemarks(path, trusted)
	j.ambiguousIssuers(path, trusted)
	j.issuersNotUploaded(path, trusted)
}

// duplicates warns of certificates that are there twice in one list.
func (j *judgement) duplicates() {
	for _, h := range j.held.all {
		if len(h.presented) > 1 {
			j.note(about(h, PresentedTwice, Warning, "it is presented again at "+positions(h.presented[1:]), "present each certificate once"))
		}
		if len(h.uploaded) > 1 {
			j.note(about(h, UploadedTwice, Warning, "it is uploaded again as "+positions(h.uploaded[1:]), "upload each certificate once"))
		}
	}
}

// positions writes the first few of a list of positions.
func positions(list []int) string {
	parts := make([]string, 0, 4)
	for _, position := range list[:min(3, len(list))] {
		parts = append(parts, fmt.Sprintf("number %d", position))
	}
	if len(list) > 3 {
		parts = append(parts, fmt.Sprintf("%d more", len(list)-3))
	}
	return strings.Join(parts, ", ")
}

// presentedRemarks warns of presented certificates that are out of order or of
// no use. It goes by names and key identifiers alone: nothing hangs on it.
func (j *judgement) presentedRemarks(path []*holding, trusted bool) {
	if below := j.presentedBelow(); below != nil {
		j.note(about(j.held.leaf, ChainOutOfOrder, Warning,
			fmt.Sprintf("it is presented first and so is judged as the leaf, but it is the issuer of %s", below.describe()),
			fmt.Sprintf("present the leaf first, then its issuer: %s goes before %s", below.name(), j.held.leaf.name())))
		return
	}
	useful := j.ancestors()
	for _, h := range j.held.all {
		switch {
		case len(h.presented) == 0 || h == j.held.leaf:
		case !useful[h] && !slices.Contains(path, h):
			j.note(about(h, PresentedUnused, Warning, fmt.Sprintf("it leads nowhere: it is no issuer of %s or of anything above it", j.held.leaf.name()),
				"leave it out of the presented chain"))
		case endsItself(h.Certificate) && (len(h.uploaded) > 0 || trusted):
			j.note(about(h, RootPresented, Warning, "it is a root: a control plane trusts its own copy and never the presented one",
				"present the leaf and its intermediates without the root"))
		case !j.followsChild(h):
			j.note(about(h, ChainOutOfOrder, Warning, "it is presented before the certificate that it issued",
				"present the chain in order: the leaf, its issuer, the issuer's issuer"))
		}
	}
}

// presentedBelow finds a presented certificate that the first one issued: then
// the first one is not the leaf that somebody meant.
func (j *judgement) presentedBelow() *holding {
	leaf := j.held.leaf
	if !marksCA(leaf.Certificate) {
		return nil
	}
	for _, h := range j.held.all {
		if h != leaf && len(h.presented) > 0 && namesIssuer(h, leaf) && !namesIssuer(leaf, h) {
			return h
		}
	}
	return nil
}

// namesIssuer reports whether the child names the issuer, by its name and, as
// far as both have one, by its key identifier.
func namesIssuer(child, issuer *holding) bool {
	return bytes.Equal(child.RawIssuer, issuer.RawSubject) && !keyIDsDiffer(child.Certificate, issuer.Certificate)
}

// ancestors are the certificates that the leaf leads to by names, over whatever
// is at hand.
func (j *judgement) ancestors() map[*holding]bool {
	reached := map[*holding]bool{j.held.leaf: true}
	queue := []*holding{j.held.leaf}
	visits := 0
	for ; len(queue) > 0; queue = queue[1:] {
		for _, issuer := range j.held.bySubject(queue[0].RawIssuer) {
			if visits++; visits > maxVisits {
				return reached
			}
			if !reached[issuer] && namesIssuer(queue[0], issuer) {
				reached[issuer] = true
				queue = append(queue, issuer)
			}
		}
	}
	return reached
}

// followsChild reports whether a presented certificate comes after one that
// names it as its issuer, or after none that is presented at all.
func (j *judgement) followsChild(h *holding) bool {
	named := false
	for _, child := range j.held.all {
		if len(child.presented) == 0 || child == h || !namesIssuer(child, h) {
			continue
		}
		if child.presented[0] < h.presented[0] {
			return true
		}
		named = true
	}
	return !named
}

// pinRemarks warns of a pin that could sign others.
func (j *judgement) pinRemarks(path []*holding, trusted bool) {
	if !trusted || len(path) != 1 || j.profile.pins == firstUpload {
		return
	}
	pin := path[0]
	switch {
	case marksCA(pin.Certificate):
		j.note(about(pin, PinIsCA, Warning, "it is uploaded as a pin and is a CA too: whoever holds its key can issue further certificates that are accepted",
			fmt.Sprintf("issue %s with CA:FALSE and upload that instead", pin.name())))
	case j.profile.openSSL && pin.Version < 3:
		j.note(about(pin, PinIsCA, Warning, fmt.Sprintf("it is X.509 version %d and uploaded as a root: whoever holds its key can issue further certificates that are accepted", pin.Version),
			fmt.Sprintf("issue %s as X.509 version 3 with CA:FALSE and upload that instead", pin.name())))
	}
}

// ambiguousIssuers warns where OpenSSL might take another path than the one
// accepted: it takes the first issuer that fits, and does not come back.
func (j *judgement) ambiguousIssuers(path []*holding, trusted bool) {
	if !trusted || !j.profile.pki || !j.profile.openSSL {
		return
	}
	for i := 0; i+1 < len(path); i++ {
		for _, other := range j.held.bySubject(path[i].RawIssuer) {
			if other != path[i+1] && namesIssuer(path[i], other) {
				j.note(about(path[i], AmbiguousIssuer, Warning,
					fmt.Sprintf("its issuer is %s here; %s fits as well by its name, and OpenSSL tries only one of them", path[i+1].describe(), other.describe()),
					fmt.Sprintf("present and upload one certificate of %s alone", other.name())))
			}
		}
	}
}

// issuersNotUploaded warns where OpenSSL goes no further than an uploaded
// intermediate: from an upload on, it looks at uploads alone.
func (j *judgement) issuersNotUploaded(path []*holding, trusted bool) {
	if !trusted || !j.profile.pki || !j.profile.openSSL {
		return
	}
	for i := 0; i+1 < len(path); i++ {
		if issuer := path[i+1]; len(path[i].uploaded) > 0 && len(issuer.uploaded) == 0 {
			j.note(about(path[i], IssuerNotUploaded, Warning,
				fmt.Sprintf("it is uploaded and its issuer %s is not; OpenSSL looks for that among the uploads alone, and refuses", issuer.describe()),
				fmt.Sprintf("upload %s as well, or take %s out of the uploads and present it", issuer.name(), path[i].name())))
		}
	}
}

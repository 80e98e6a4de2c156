package trust

import "bytes"

// company is the issuers that are presented beside a pin, by names, from the
// pin's issuer up.
//
// They matter to self-hosted Kong alone, and by a side effect: nginx takes a
// client that OpenSSL could not verify, as long as the last complaint was a
// missing or unknown issuer. For a leaf alone, that complaint comes last and
// hides whatever was wrong with the leaf but its dates. With an issuer beside
// it, or with a leaf that is its own issuer, it does not, and a chain that no
// pin needs is judged all the same. (Tried with libcrypto 3.0 and a callback
// that goes on after each error, as nginx has it.)
func (j *judgement) company(pin *holding) []*step {
	var found []*step
	for at := j.companion(&step{at: pin}); at != nil; at = j.companion(at) {
		found = append(found, at)
	}
	return found
}

// inCompany weighs what is suspect about a pin: beside its issuers it counts, and
// what is wrong with them counts too; alone it does not.
func (j *judgement) inCompany(pin *holding, suspect []Finding) []Finding {
	company := j.company(pin)
	if len(company) == 0 && !endsItself(pin.Certificate) {
		return mildly(suspect)
	}
	return append(suspect, j.companyFaults(company)...)
}

// companion is the presented certificate of the issuer's name that has the
// fewest faults. One with an empty key usage is unreadable to OpenSSL and no
// company. OpenSSL takes the first that is in date; the order of the chain
// is not to decide here, and two of one name and key are rare.
func (j *judgement) companion(at *step) *step {
	if endsItself(at.at.Certificate) || at.depth >= maxCompany {
		return nil
	}
	var best *step
	for _, h := range j.held.bySubject(at.at.RawIssuer) {
		if len(h.presented) == 0 || !namesIssuer(at.at, h) || emptyKeyUsage(h.Certificate) || at.holds(h) {
			continue
		}
		next := &step{at: h, below: at, depth: at.depth + 1}
		next.cost = countErrors(j.linkFaults(at.at, h)) + countErrors(j.certificateFaults(at, h))
		if best == nil || next.cost < best.cost || next.cost == best.cost && bytes.Compare(h.Raw, best.at.Raw) < 0 {
			best = next
		}
	}
	return best
}

// companyFaults is what is wrong with the issuers beside a pin and with what
// they say of it. The dates of the topmost do not count, unless it is a root.
func (j *judgement) companyFaults(company []*step) []Finding {
	var found []Finding
	for i, at := range company {
		found = append(found, j.linkFaults(at.below.at, at.at)...)
		faults := j.certificateFaults(at.below, at.at)
		if i == len(company)-1 && !endsItself(at.at.Certificate) {
			faults = withoutDates(faults)
		}
		found = append(found, faults...)
		found = append(found, j.strictNameFaults(at.path(), at.depth)...)
	}
	return found
}

func withoutDates(findings []Finding) []Finding {
	var kept []Finding
	for _, finding := range findings {
		if finding.Code != Expired && finding.Code != NotYetValid {
			kept = append(kept, finding)
		}
	}
	return kept
}

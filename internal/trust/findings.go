package trust

import "slices"

// about is a finding on one certificate.
func about(h *holding, code Code, severity Severity, detail, hint string) Finding {
	return Finding{code, severity, h.describe(), detail, hint}
}

// note adds findings, each once, and no more of a kind than a reader can use.
func (j *judgement) note(findings ...Finding) {
	for _, finding := range findings {
		same := 0
		for _, known := range j.findings {
			if known.Code == finding.Code && known.Severity == finding.Severity {
				same++
			}
		}
		switch {
		case slices.Contains(j.findings, finding):
		case same >= maxFindingsPerCode:
			j.leftOut = true
		default:
			j.findings = append(j.findings, finding)
		}
	}
}

// arranged is what the verdict shows: errors first, each severity in the order
// found.
func (j *judgement) arranged() []Finding {
	slices.SortStableFunc(j.findings, func(a, b Finding) int { return rank(a.Severity) - rank(b.Severity) })
	kept := j.findings[:min(maxFindings, len(j.findings))]
	if j.leftOut || len(kept) < len(j.findings) {
		kept = append(slices.Clip(kept), Finding{
			FindingsLeftOut, Warning, "", "there are more findings of the codes above than are shown here",
			"mend what is shown, then look again",
		})
	}
	return kept
}

func rank(severity Severity) int {
	if severity == Error {
		return 0
	}
	return 1
}

// refuses reports whether one of the findings is an error.
func refuses(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Severity == Error })
}

// mildly turns errors into warnings: what is no reason to refuse in one place
// may be worth knowing there all the same.
func mildly(findings []Finding) []Finding {
	for i := range findings {
		findings[i].Severity = Warning
	}
	return findings
}

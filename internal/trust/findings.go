package trust

import (
	"fmt"
	"slices"
)

// about is a finding on one certificate.
func about(h *holding, code Code, severity Severity, detail, hint string) Finding {
	return Finding{code, severity, h.describe(), detail, hint}
}

// note adds findings, each once.
func (j *judgement) note(findings ...Finding) {
	for _, finding := range findings {
		if !slices.Contains(j.findings, finding) {
			j.findings = append(j.findings, finding)
		}
	}
}

// arranged is what the verdict shows: errors first, each severity in the order
// found, and no more than a reader can take in.
func (j *judgement) arranged() []Finding {
	slices.SortStableFunc(j.findings, func(a, b Finding) int { return rank(a.Severity) - rank(b.Severity) })
	perCode := map[Code]int{}
	var kept []Finding
	left := 0
	for _, finding := range j.findings {
		perCode[finding.Code]++
		if perCode[finding.Code] > maxFindingsPerCode || len(kept) >= maxFindings {
			left++
			continue
		}
		kept = append(kept, finding)
	}
	if left > 0 {
		kept = append(kept, Finding{
			FindingsLeftOut, Warning, "", fmt.Sprintf("%d more findings of the codes above are left out", left),
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

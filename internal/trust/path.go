package trust

import (
	"cmp"
	"crypto/x509"
	"slices"
	"time"
)

// acceptPath accepts the first path that crypto/x509 accepts and that meets all
// demands, if there is one.
func (j *judgement) acceptPath() (Verdict, bool) {
	if !j.profile.pki {
		return Verdict{}, false
	}
	for _, path := range j.verified() {
		found := j.demands(path)
		if !refuses(found) {
			return j.accept(PKI, path, found), true
		}
		if j.refused == nil || countErrors(found) < countErrors(j.refusals) {
			j.refused, j.refusals = path, found
		}
	}
	return Verdict{}, false
}

// verified returns the paths that crypto/x509 accepts, those that last longest
// first, then the shorter ones.
func (j *judgement) verified() [][]*holding {
	roots, helpers := x509.NewCertPool(), x509.NewCertPool()
	for _, h := range j.held.all {
		switch {
		case len(h.uploaded) > 0 && j.profile.isAnchor(h.Certificate):
			roots.AddCert(h.Certificate)
		case h != j.held.leaf && (len(h.presented) > 0 || j.profile.openSSL):
			helpers.AddCert(h.Certificate)
		}
	}
	paths, _ := j.verify(roots, helpers)
	slices.SortStableFunc(paths, func(a, b []*holding) int {
		return cmp.Or(earliestEnd(b).Compare(earliestEnd(a)), len(a)-len(b))
	})
	return paths
}

// verify asks crypto/x509, whose word is final.
func (j *judgement) verify(roots, helpers *x509.CertPool) ([][]*holding, error) {
	chains, err := j.held.leaf.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: helpers, CurrentTime: j.options.At,
		KeyUsages: []x509.ExtKeyUsage{j.options.Purpose.usage()},
	})
	paths := make([][]*holding, len(chains))
	for i, chain := range chains {
		for _, certificate := range chain {
			paths[i] = append(paths[i], j.held.of(certificate))
		}
	}
	return paths, err
}

// verifyAlone asks crypto/x509 about one path and nothing beside it.
func (j *judgement) verifyAlone(path []*holding) error {
	roots, helpers := x509.NewCertPool(), x509.NewCertPool()
	roots.AddCert(path[len(path)-1].Certificate)
	for i := 1; i < len(path)-1; i++ {
		helpers.AddCert(path[i].Certificate)
	}
	_, err := j.verify(roots, helpers)
	return err
}

// demands is what the control plane and the caller ask of a path that
// crypto/x509 accepts, with warnings about it.
func (j *judgement) demands(path []*holding) []Finding {
	var found []Finding
	for depth, h := range path {
		found = append(found, j.strictFaults(path, depth)...)
		found = append(found, j.keyFaults(h, depth)...)
	}
	found = append(found, j.endFaults(path)...)
	return append(found, j.revocationFaults(path)...)
}

// earliestEnd is the first NotAfter along a path.
func earliestEnd(path []*holding) time.Time {
	return endsFirst(path).NotAfter
}

func endsFirst(path []*holding) *holding {
	return slices.MinFunc(path, func(a, b *holding) int { return a.NotAfter.Compare(b.NotAfter) })
}

func countErrors(findings []Finding) int {
	count := 0
	for _, finding := range findings {
		if finding.Severity == Error {
			count++
		}
	}
	return count
}

package trust

import (
	"cmp"
	"crypto/x509"
	"slices"
)

// acceptablePath finds a path that the verifier accepts, with the warnings about
// it. Without one, it returns the path that comes nearest and what refuses it,
// nil if there is none to speak of.
func acceptablePath(q *question) (path []*Entry, found []finding, accepted bool) {
	if q.profile.byGo() {
		return acceptableToGo(q)
	}
	q.ends = candidates(q)
	return acceptableByRules(q, q.ends)
}

// acceptableByRules returns, of the candidates in which no rule finds an error,
// the one that lasts longest.
func acceptableByRules(q *question, ends []*step) (path []*Entry, found []finding, accepted bool) {
	for _, end := range ends {
		if !end.anchor || refuses(end.findings()) {
			continue
		}
		candidate := end.path()
		if path != nil && !endsFirst(candidate).NotAfter.After(endsFirst(path).NotAfter) || !trulySigned(q, candidate) {
			continue
		}
		path, found, accepted = candidate, end.findings(), true
	}
	return path, found, accepted
}

// acceptableToGo returns the first path that crypto/x509 accepts and in which no
// rule finds an error, with the warnings about it. Without one, it returns the
// path that comes nearest and what refuses it; nil if crypto/x509 accepts none.
func acceptableToGo(q *question) (path []*Entry, found []finding, accepted bool) {
	for _, candidate := range verified(q) {
		besides := findBesidesGo(q, candidate)
		if !refuses(besides) {
			return candidate, besides, true
		}
		if path == nil || countErrors(besides) < countErrors(found) {
			path, found = candidate, besides
		}
	}
	return path, found, false
}

// verified returns the paths that crypto/x509 accepts, those that last longest
// first, then the shorter ones.
func verified(q *question) [][]*Entry {
	paths, _ := verifiedByGo(q)
	slices.SortStableFunc(paths, func(a, b []*Entry) int {
		return cmp.Or(endsFirst(b).NotAfter.Compare(endsFirst(a).NotAfter), len(a)-len(b))
	})
	return paths
}

// verifiedByGo asks crypto/x509 with everything that is available.
func verifiedByGo(q *question) ([][]*Entry, error) {
	roots, helpers := x509.NewCertPool(), x509.NewCertPool()
	for _, e := range q.pool.all {
		switch {
		case len(e.Uploaded) > 0 && q.profile.isAnchor(e):
			roots.AddCert(e.Certificate)
		case e != q.pool.leaf && (len(e.Presented) > 0 || q.profile.uploadsHelp):
			helpers.AddCert(e.Certificate)
		}
	}
	return verify(q, roots, helpers)
}

// verify asks crypto/x509, whose word is final.
func verify(q *question, roots, helpers *x509.CertPool) ([][]*Entry, error) {
	chains, err := q.pool.leaf.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: helpers, CurrentTime: q.At,
		KeyUsages: []x509.ExtKeyUsage{q.Purpose.usage()},
	})
	paths := make([][]*Entry, len(chains))
	for i, chain := range chains {
		paths[i] = make([]*Entry, len(chain))
		for k, certificate := range chain {
			paths[i][k] = q.pool.of(certificate)
		}
	}
	return paths, err
}

// verifyOnly asks crypto/x509 about one path, with no other certificate to use.
func verifyOnly(q *question, path []*Entry) error {
	roots, helpers := x509.NewCertPool(), x509.NewCertPool()
	roots.AddCert(path[len(path)-1].Certificate)
	for i := 1; i < len(path)-1; i++ {
		helpers.AddCert(path[i].Certificate)
	}
	_, err := verify(q, roots, helpers)
	return err
}

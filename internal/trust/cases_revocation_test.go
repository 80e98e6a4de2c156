package trust_test

import (
	"crypto/x509"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// revocationScenarios hold revocation lists against paths and pins.
func revocationScenarios() []scenario {
	const family = chain + "\nother <- issuing\nstranger"
	revokes := func(issuer string, nodes ...string) pkitest.Revocation {
		return pkitest.Revocation{Issuer: issuer, Revoked: nodes}
	}
	const trusted = "pki: edge <- issuing <- root"
	old, future := pkitest.Now().AddDate(0, 0, -2), pkitest.Now().AddDate(0, 0, 2)
	list := []scenario{
		{name: "the leaf is revoked", lists: []pkitest.Revocation{revokes("issuing", "edge")}, want: "refused", codes: "revoked"},
		{name: "the intermediate is revoked", lists: []pkitest.Revocation{revokes("root", "issuing")}, want: "refused", codes: "revoked"},
		{name: "another leaf is revoked", lists: []pkitest.Revocation{revokes("issuing", "other")}, want: trusted},
		{name: "a list of each CA", lists: []pkitest.Revocation{revokes("issuing"), revokes("root")}, want: trusted},
		{name: "no list of the leaf's issuer", lists: []pkitest.Revocation{revokes("root")}, want: trusted, codes: "revocation_list_missing?"},
		{name: "a list of another issuer", lists: []pkitest.Revocation{revokes("stranger", "edge")}, want: trusted, codes: "revocation_list_foreign?"},
		{
			name: "a forged list", lists: []pkitest.Revocation{{Issuer: "issuing", Revoked: []string{"edge"}, SignedWith: "stranger"}},
			want: trusted, codes: "revocation_list_unsigned?",
		},
		{
			name: "a list of a CA that may not sign lists", settings: settings(with("issuing", pkitest.KeyUsage(x509.KeyUsageCertSign))),
			lists: []pkitest.Revocation{revokes("issuing", "edge")}, want: trusted, codes: "revocation_list_unsigned?",
		},
		{
			name: "a stale list", lists: []pkitest.Revocation{{Issuer: "issuing", ThisUpdate: old.AddDate(0, 0, -7), NextUpdate: old}},
			want: trusted, codes: "revocation_list_stale?",
		},
		{
			name: "a stale list that revokes", lists: []pkitest.Revocation{{Issuer: "issuing", Revoked: []string{"edge"}, ThisUpdate: old.AddDate(0, 0, -7), NextUpdate: old}},
			want: "refused", codes: "revoked revocation_list_stale?",
		},
		{
			name: "a list of the future", lists: []pkitest.Revocation{{Issuer: "issuing", ThisUpdate: future, NextUpdate: future.AddDate(0, 0, 7)}},
			want: trusted, codes: "revocation_list_stale?",
		},
		{
			name: "a list that covers a part", lists: []pkitest.Revocation{{Issuer: "issuing", Partial: true}},
			want: trusted, codes: "revocation_list_partial?",
		},
		{
			name: "a revoked leaf that has expired", settings: settings(with("edge", pkitest.ExpiredFor(1))),
			lists: []pkitest.Revocation{revokes("issuing", "edge")}, want: "refused", codes: "expired revoked",
		},
		{
			name: "a revoked pin whose issuer is not available", uploaded: "edge", presented: "edge",
			lists: []pkitest.Revocation{revokes("issuing", "edge")}, want: "refused", codes: "revoked",
		},
		{
			name: "a pin and a forged list", uploaded: "edge", presented: "edge issuing",
			lists: []pkitest.Revocation{{Issuer: "issuing", Revoked: []string{"edge"}, SignedWith: "stranger"}},
			want:  "pinned: edge", codes: "revocation_list_foreign?",
		},
		{
			name: "a pin and its issuer's list", uploaded: "edge", presented: "edge",
			lists: []pkitest.Revocation{revokes("issuing", "other")}, want: "pinned: edge",
		},
	}
	list = append(list, scenario{
		name: "a CA with a new key revokes what the old one signed", uploaded: "root", presented: "edge ca~old ca~2",
		lists: []pkitest.Revocation{revokes("ca~2", "edge")}, want: "refused", codes: "revoked",
		drawing: "edge <- ca\nca~2 <- root\nca~old <- ca~2", settings: settings(with("ca~old", pkitest.SameKeyAs("ca"))),
	})
	for i := range list {
		if list[i].drawing == "" {
			list[i].drawing = family
		}
		list[i].name = "revocation: " + list[i].name
		if list[i].uploaded == "" {
			list[i].uploaded, list[i].presented = "root", "edge issuing"
		}
	}
	return list
}

// candidateScenarios have several ways up.
func candidateScenarios() []scenario {
	const crossed = `
		edge <- issuing <- root1
		issuing~2 <- root2`
	same := with("issuing~2", pkitest.SameKeyAs("issuing"))
	return []scenario{
		{
			name: "crossed: the other root is uploaded", drawing: crossed, settings: settings(same),
			uploaded: "root2", presented: "edge issuing issuing~2", want: "pki: edge <- issuing~2 <- root2",
		},
		{
			name: "crossed: one way has expired", drawing: crossed, settings: settings(same, with("issuing", pkitest.ExpiredFor(1))),
			uploaded: "root1 root2", presented: "edge issuing issuing~2", want: "pki: edge <- issuing~2 <- root2",
		},
		{
			name: "crossed: of two good ways the one that lasts longer", drawing: crossed, settings: settings(same, with("root1", pkitest.EndsIn(1e12))),
			uploaded: "root1 root2", presented: "edge issuing issuing~2", want: "pki: edge <- issuing~2 <- root2",
		},
		{
			name: "crossed: both ways have faults, the nearer one first", drawing: crossed,
			settings: settings(same, with("issuing", pkitest.ExpiredFor(1), pkitest.CA(false)), with("root2", pkitest.ExpiredFor(1))),
			uploaded: "root1 root2", presented: "edge issuing issuing~2", want: "refused", codes: "expired expired not_a_ca",
		},
		{
			name: "crossed: in circles", drawing: "edge <- a <- b <- root\na~2 <- root\nb~2 <- a~2\nother",
			settings: settings(with("a~2", pkitest.SameKeyAs("a")), with("b~2", pkitest.SameKeyAs("b"))),
			uploaded: "other", presented: "edge a b~2", want: "refused", codes: "no_upload_reached",
		},
	}
}

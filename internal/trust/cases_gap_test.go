package trust_test

import (
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// gapScenarios lack a certificate, and have other faults: a gap hides nothing,
// and no advice makes it worse.
func gapScenarios() []scenario {
	const deep = "edge <- issuing <- middle <- root"
	revokes := []pkitest.Revocation{{Issuer: "issuing", Revoked: []string{"edge"}}}
	old := pkitest.Now().AddDate(0, 0, -2)
	soon := settings(with("edge", pkitest.EndsIn(time.Hour)))
	return []scenario{
		{name: "a gap: signed with SHA-1", drawing: chain, settings: settings(with("edge", pkitest.SHA1())), uploaded: "root", presented: "edge", want: "refused", codes: "issuer_missing weak_signature"},
		{name: "a gap: signed with SHA-224", drawing: chain, settings: settings(with("edge", sha224())), uploaded: "root", presented: "edge", want: "refused", codes: "issuer_missing unknown_algorithm"},
		{
			name: "a gap: revoked and ending too soon", drawing: deep, settings: soon, lists: revokes, options: trust.Options{RequireValidFor: 2 * time.Hour},
			uploaded: "root", presented: "edge issuing", want: "refused", codes: "issuer_missing ends_too_soon revoked",
		},
		{name: "a gap: revoked by a missing issuer", drawing: deep, lists: revokes, uploaded: "root", presented: "edge", want: "refused", codes: "issuer_missing revoked"},
		{
			name: "a gap: a stale list", drawing: deep, lists: []pkitest.Revocation{{Issuer: "issuing", ThisUpdate: old.AddDate(0, 0, -7), NextUpdate: old}},
			uploaded: "root", presented: "edge issuing", want: "refused", codes: "issuer_missing revocation_list_stale?",
		},
		{
			name: "a gap: a self-signed root that is not uploaded, and a leaf that is revoked", drawing: chain + "\nother", lists: revokes,
			uploaded: "other", presented: "edge issuing root", want: "refused", codes: "self_signed_not_uploaded revoked",
		},
		{name: "a gap: what is above it is not called unused", drawing: deep, uploaded: "root", presented: "edge middle", want: "refused", codes: "issuer_missing"},
		{name: "a gap: a stranger is called unused", drawing: deep + "\nother", uploaded: "root", presented: "edge other", want: "refused", codes: "issuer_missing presented_unused?"},
		{
			name: "a list of an issuer that is not a CA", drawing: chain, settings: settings(with("issuing", pkitest.CA(false))), lists: revokes,
			uploaded: "root", presented: "edge issuing", want: "refused", codes: "not_a_ca revoked",
		},
		{
			name: "SHA-1 and a signature that is broken", drawing: chain, settings: settings(with("edge", pkitest.SHA1(), pkitest.BrokenSignature())),
			uploaded: "root", presented: "edge issuing", want: "refused", codes: "weak_signature signature_broken",
		},
	}
}

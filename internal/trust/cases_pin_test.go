package trust_test

import (
	"crypto/x509"
	"fmt"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// pinScenarios are leaves uploaded to Konnect.
func pinScenarios() []scenario {
	serverOnly := with("edge", pkitest.Purposes(x509.ExtKeyUsageServerAuth))
	return []scenario{
		{
			name: "an expired pin", drawing: "edge", settings: settings(with("edge", pkitest.ExpiredFor(time.Hour))),
			uploaded: "edge", presented: "edge", want: "refused", codes: "expired",
		},
		{
			name: "a pin of tomorrow", drawing: "edge", settings: settings(with("edge", pkitest.StartsIn(time.Hour))),
			uploaded: "edge", presented: "edge", want: "refused", codes: "not_yet_valid",
		},
		{
			name: "a pin that ends too soon", drawing: "edge", settings: settings(with("edge", pkitest.EndsIn(time.Hour))),
			uploaded: "edge", presented: "edge", options: trust.Options{RequireValidFor: 2 * time.Hour},
			want: "refused", codes: "ends_too_soon",
		},
		{
			name: "a pin whose issuer is expired and no CA", drawing: chain, settings: settings(with("issuing", pkitest.ExpiredFor(time.Hour), pkitest.CA(false))),
			uploaded: "edge", presented: "edge issuing", want: "pinned: edge",
		},
		{
			name: "a version 1 pin", drawing: "edge", settings: settings(with("edge", pkitest.Version1())),
			uploaded: "edge", presented: "edge", want: "pinned: edge",
		},
		{
			name: "a pin that is a CA", drawing: "edge", settings: settings(with("edge", pkitest.CA(true), pkitest.KeyUsage(0), pkitest.Purposes())),
			uploaded: "edge", presented: "edge", want: "pinned: edge", codes: "pin_is_ca?",
		},
		{
			name: "a pin for servers alone", drawing: chain, settings: settings(serverOnly),
			uploaded: "edge", presented: "edge issuing", want: "pinned: edge", codes: "wrong_purpose?",
		},
		{
			name: "a pin with an unknown critical extension", drawing: "edge", settings: settings(with("edge", pkitest.UnknownCriticalExtension())),
			uploaded: "edge", presented: "edge", want: "pinned: edge", codes: "unknown_critical_extension?",
		},
		{
			name: "a pin with a broken signature", drawing: chain, settings: settings(with("edge", pkitest.BrokenSignature())),
			uploaded: "edge", presented: "edge", want: "pinned: edge",
		},
		{
			name: "the pin was renewed with its key", drawing: "edge\nedge~2", settings: settings(with("edge~2", pkitest.SameKeyAs("edge"))),
			uploaded: "edge", presented: "edge~2", want: "refused", codes: "pin_renewed",
		},
		{
			name: "the pin was renewed with another key", drawing: "edge\nedge~2",
			uploaded: "edge", presented: "edge~2", want: "refused", codes: "pin_replaced",
		},
		{
			name: "a CA-issued pin was renewed", drawing: chain + "\nedge~2 <- issuing",
			uploaded: "edge", presented: "edge~2 issuing", want: "refused", codes: "pin_replaced",
		},
		{
			name: "the renewed pin is uploaded beside the old one", drawing: "edge\nedge~2",
			uploaded: "edge edge~2", presented: "edge~2", want: "pinned: edge~2",
		},
	}
}

// tidinessScenarios are what is there needlessly.
func tidinessScenarios() []scenario {
	const deep = "edge <- issuing <- regional <- root\nother <- elsewhere"
	return []scenario{
		{
			name: "the root is presented", drawing: chain, uploaded: "root", presented: "edge issuing root",
			want: "pki: edge <- issuing <- root", codes: "root_presented?",
		},
		{
			name: "the chain is out of order", drawing: deep, uploaded: "root", presented: "edge regional issuing",
			want: "pki: edge <- issuing <- regional <- root", codes: "chain_out_of_order?",
		},
		{
			name: "the leaf does not come first", drawing: deep, uploaded: "root", presented: "issuing edge regional",
			want: "refused", codes: "chain_out_of_order",
		},
		{
			name: "the leaf does not come first and nothing leads on", drawing: deep, uploaded: "root", presented: "issuing edge",
			want: "refused", codes: "chain_out_of_order",
		},
		{
			name: "the whole chain is upside down", drawing: deep, uploaded: "root", presented: "regional issuing edge",
			want: "refused", codes: "chain_out_of_order",
		},
		{
			name: "the whole chain is upside down, for Kong", drawing: deep, uploaded: "root", presented: "regional issuing edge", options: hybrid(),
			want: "refused", codes: "chain_out_of_order",
		},
		{
			name: "a CA of the name of another certificate's issuer is a leaf", drawing: "issuing~2 <- root\nedge <- issuing <- other", uploaded: "root", presented: "issuing~2 edge",
			settings: settings(with("issuing", pkitest.NoKeyID()), with("issuing~2", pkitest.KeyUsage(x509.KeyUsageDigitalSignature))),
			want:     "pki: issuing~2 <- root", codes: "presented_unused?",
		},
		{
			name: "a CA on its own is a leaf", drawing: deep, uploaded: "root", presented: "issuing regional",
			want: "pki: issuing <- regional <- root", codes: "wrong_key_usage?",
		},
		{
			name: "a certificate that leads nowhere", drawing: deep, uploaded: "root", presented: "edge elsewhere issuing regional other",
			want: "pki: edge <- issuing <- regional <- root", codes: "presented_unused? presented_unused?",
		},
		{
			name: "more is presented than the anchor needs", drawing: deep, uploaded: "issuing", presented: "edge issuing regional",
			want: "pki: edge <- issuing",
		},
		{
			name: "presented twice", drawing: deep, uploaded: "root", presented: "edge issuing regional issuing edge",
			want: "pki: edge <- issuing <- regional <- root", codes: "presented_twice? presented_twice?",
		},
		{
			name: "uploaded twice", drawing: chain, uploaded: "root root", presented: "edge issuing",
			want: "pki: edge <- issuing <- root", codes: "uploaded_twice?",
		},
		{
			name: "one upload more than the control plane takes", drawing: chain + othersDrawn(32), uploaded: "root" + othersNamed(32), presented: "edge issuing",
			want: "pki: edge <- issuing <- root", codes: "too_many_uploads?",
		},
		{
			name: "as many uploads as the control plane takes", drawing: chain + othersDrawn(31), uploaded: "root" + othersNamed(31), presented: "edge issuing",
			want: "pki: edge <- issuing <- root",
		},
		{
			name: "many uploads elsewhere", drawing: chain + othersDrawn(40), uploaded: "root" + othersNamed(40), presented: "edge issuing",
			options: trust.Options{Verifier: trust.KongHybridPKI},
			want:    "pki: edge <- issuing <- root",
		},
	}
}

// othersDrawn are so many other CAs, and othersNamed their names.
func othersDrawn(count int) string {
	text := ""
	for i := range count {
		text += fmt.Sprintf("\n\t\tleaf%d <- other%d", i, i)
	}
	return text
}

func othersNamed(count int) string {
	text := ""
	for i := range count {
		text += fmt.Sprintf(" other%d", i)
	}
	return text
}

package provider

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/json"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// The resources of hashicorp/tls that a certificate can come from.
const (
	tlsSelfSigned    = "tls_self_signed_cert"
	tlsLocallySigned = "tls_locally_signed_cert"
)

// movedState is what is taken out of the state of such a resource.
type movedState struct {
	CertificatePEM string `json:"cert_pem"`
	PrivateKeyPEM  string `json:"private_key_pem"` // only of tls_self_signed_cert
}

// moveFrom takes over live certificates, byte for byte, from resources of
// hashicorp/tls whose type is one of sources.
//
// OpenTofu 1.12 names the wrong provider for all but the first instance of a
// resource with for_each: once that one is moved, it looks up the provider of the
// resource in the state, and finds this one (getResourceProviderAddrs in
// internal/tofu/node_resource_abstract.go). No resource of this provider is
// called as one of hashicorp/tls.
func (r *certificateResource[M, P]) moveFrom(sources ...string) []resource.StateMover {
	mover := func(ctx context.Context, request resource.MoveStateRequest, response *resource.MoveStateResponse) {
		from := request.SourceProviderAddress
		known := strings.HasSuffix(from, "/hashicorp/tls") || strings.HasSuffix(from, "/trustplane/mtls")
		if !known || !slices.Contains(sources, request.SourceTypeName) {
			response.Diagnostics.AddError("Certificate not moved", request.SourceTypeName+" of "+from+
				" cannot become this resource: only "+strings.Join(sources, " or ")+
				" of hashicorp/tls can. Use a removed block instead of moved, and import the certificate from a file.")
			return
		}
		r.move(ctx, request, response)
	}
	return []resource.StateMover{{StateMover: mover}}
}

func (r *certificateResource[M, P]) move(ctx context.Context, request resource.MoveStateRequest, response *resource.MoveStateResponse) {
	var source movedState
	if request.SourceRawState == nil || json.Unmarshal(request.SourceRawState.JSON, &source) != nil {
		response.Diagnostics.AddError("Certificate not moved", "The state of the "+request.SourceTypeName+" cannot be read.")
		return
	}
	certificate, err := pki.ParseCertificate(source.CertificatePEM)
	if err != nil {
		response.Diagnostics.AddError("Certificate not moved", "The cert_pem of the "+request.SourceTypeName+" cannot be read: "+err.Error()+".")
		return
	}
	// The oldest versions kept a digest where the key stands now: then there is
	// no key to take over.
	var key crypto.Signer
	if signer, err := pki.ParsePrivateKey(source.PrivateKeyPEM); err == nil {
		key = signer
	}
	r.adopt(ctx, []*x509.Certificate{certificate}, key, &response.TargetState, response.TargetPrivate, &response.Diagnostics)
}

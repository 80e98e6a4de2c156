package provider

import (
	"context"
	"crypto"
	"crypto/x509"
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

const importByPath = "Import by the path of the certificate, or of the certificate and its key: \"cert.pem,key.pem\"."

// ImportState takes a certificate, and its key if there is one, from files: the
// identifier is the certificate's path, or both paths with a comma between them.
// The certificate's file may hold the chain above it too.
func (r *certificateResource[M, P]) ImportState(ctx context.Context, request resource.ImportStateRequest, response *resource.ImportStateResponse) {
	if strings.Contains(request.ID, "-----BEGIN") {
		// What was pasted may be a key: it is not repeated.
		response.Diagnostics.AddError("Import takes paths of files", "The ID is PEM text. "+importByPath)
		return
	}
	certificateFile, keyFile, _ := strings.Cut(request.ID, ",")
	chain, key := readImported(strings.TrimSpace(certificateFile), strings.TrimSpace(keyFile), &response.Diagnostics)
	state := r.blank(ctx, &response.State, &response.Diagnostics)
	if response.Diagnostics.HasError() {
		return
	}
	c := &change{now: r.clock(), config: state, plan: state, read: newReader(), diagnostics: &response.Diagnostics}
	c.adopt(chain, key)
	if !response.Diagnostics.HasError() {
		r.layouts.write(ctx, &response.State.Raw, response.State.Schema, state, &response.Diagnostics)
		(&memory{KeyAdopted: key != nil}).write(ctx, response.Private, &response.Diagnostics)
	}
}

// blank reads a model with every attribute null out of a state that holds
// nothing yet.
func (r *certificateResource[M, P]) blank(ctx context.Context, state *tfsdk.State, diagnostics *diag.Diagnostics) P {
	// A first attribute makes an object of the state.
	diagnostics.Append(state.SetAttribute(ctx, path.Root("generation"), types.Int64Value(1))...)
	return r.get(ctx, state.Raw, state.Schema, diagnostics)
}

// adopt makes the state of a resource out of a live certificate, with what
// stands above it, and its key, which may be nil.
func (c *change) adopt(chain []*x509.Certificate, key crypto.Signer) {
	m := c.plan.certificate()
	refused, warned := issue.CheckBrought(c.plan.profile(), chain[0], key, nil, c.now)
	for _, violation := range refused {
		c.diagnostics.AddError(violation.Summary, violation.Detail)
	}
	for _, violation := range warned {
		c.diagnostics.AddWarning(violation.Summary, violation.Detail)
	}
	m.CertificatePEM, m.PrivateKeyPEM = newPEM(pki.EncodeCertificates(chain[0])), nullPEM()
	if key != nil {
		text, err := pki.EncodePrivateKey(key)
		if err != nil {
			c.diagnostics.AddError("Private key not written", sentence(err.Error())+".")
		}
		m.PrivateKeyPEM = newPEM(text)
	}
	m.Generation = types.Int64Value(1)
	c.setResults(chain[0])
	m.ChainPEM = newPEM(pki.EncodeCertificates(pki.WithoutRoots(chain)...))
	c.applyUpload()
}

// readImported reads the files of an import. The first certificate is the
// resource's own; others are taken as far as they are the chain above it.
func readImported(certificateFile, keyFile string, diagnostics *diag.Diagnostics) ([]*x509.Certificate, crypto.Signer) {
	certificates, err := readPEMFile(certificateFile, pki.ParseCertificates)
	if err != nil {
		diagnostics.AddError("Certificate not imported", "The file "+certificateFile+" cannot be used: "+err.Error()+". "+importByPath)
		return nil, nil
	}
	chain := pki.BuildChain(certificates[0], certificates[1:])
	if keyFile == "" {
		return chain, nil
	}
	key, err := readPEMFile(keyFile, pki.ParsePrivateKey)
	if err != nil {
		diagnostics.AddError("Private key not imported", "The file "+keyFile+" cannot be used: "+err.Error()+".")
	}
	return chain, key
}

func readPEMFile[T any](name string, parse func(string) (T, error)) (T, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		var none T
		return none, err
	}
	return parse(string(text))
}

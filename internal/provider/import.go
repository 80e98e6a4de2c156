package provider

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/trustplane/terraform-provider-mtls/internal/lifecycle"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

const importByPath = "The import ID must be the path of the certificate, or the paths of the certificate and its key: \"cert.pem,key.pem\"."

// ImportState takes a certificate, and its key if there is one, from files: the
// identifier is the certificate's path, or both paths with a comma between them.
// The certificate's file may hold the chain above it too.
func (r *certificateResource[M, P]) ImportState(ctx context.Context, request resource.ImportStateRequest, response *resource.ImportStateResponse) {
	if !isPath(request.ID, importByPath, &response.Diagnostics) {
		return
	}
	certificateFile, keyFile, _ := strings.Cut(request.ID, ",")
	chain, key := readImported(strings.TrimSpace(certificateFile), strings.TrimSpace(keyFile), &response.Diagnostics)
	if response.Diagnostics.HasError() {
		return
	}
	r.adopt(ctx, chain, key, &response.State, response.Private, &response.Diagnostics)
}

// isPath reports an import ID that is none; byPath says what it must be.
func isPath(id, byPath string, diagnostics *diag.Diagnostics) bool {
	switch {
	case strings.Contains(id, "-----BEGIN"):
		// What was pasted may be a key: it is not repeated.
		diagnostics.AddError("Import ID is not a path", "This ID is PEM text. "+byPath)
	case strings.TrimSpace(id) == "":
		diagnostics.AddError("Import ID is empty", byPath)
	default:
		return true
	}
	return false
}

// cannotImport is the answer of a resource that has nothing to import.
func cannotImport(why string, response *resource.ImportStateResponse) {
	response.Diagnostics.AddError("Nothing to import", why)
}

// readFile reads a file whose path somebody wrote, and says from where, if it is
// not there.
func readFile(name string) ([]byte, error) {
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) && !filepath.IsAbs(name) {
		if folder, failed := os.Getwd(); failed == nil {
			err = fmt.Errorf("%w; a relative path starts in %s, where Terraform runs", err, folder)
		}
	}
	return text, err
}

// adopt makes the state of a resource out of a live certificate, with its issuers
// behind it, and its key, which may be nil.
func (r *certificateResource[M, P]) adopt(
	ctx context.Context, chain []*x509.Certificate, key crypto.Signer, into *tfsdk.State, private privateState, diagnostics *diag.Diagnostics,
) {
	state := P(blankModel[M](ctx, r.codec, into, diagnostics))
	if diagnostics.HasError() {
		return
	}
	_, uploads := state.overlap()
	d := &decoded{Resource: lifecycle.Resource{Uploads: uploads, Now: r.clock()}}
	var problems lifecycle.Problems
	result, record := d.Import(state.profile(), chain, key, &problems)
	d.report(&problems, diagnostics)
	if diagnostics.HasError() {
		return
	}
	models{plan: state}.encode(result)
	r.codec.Encode(ctx, &into.Raw, into.Schema, state, diagnostics)
	writeRecord(ctx, private, record, diagnostics)
}

// readImported reads the files of an import. The first certificate is the
// resource's own; others are taken as far as they are the chain above it.
func readImported(certificateFile, keyFile string, diagnostics *diag.Diagnostics) ([]*x509.Certificate, crypto.Signer) {
	certificates, err := readPEMFile(certificateFile, pki.ParseCertificates)
	if err != nil {
		diagnostics.AddError("Certificate not imported", "The file "+certificateFile+" cannot be used: "+err.Error()+". "+importByPath)
		return nil, nil
	}
	chain, err := pki.BuildChain(certificates[0], certificates[1:])
	if err != nil {
		diagnostics.AddError("Certificate not imported", "The file "+certificateFile+" cannot be used: "+err.Error()+".")
		return nil, nil
	}
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
	text, err := readFile(name)
	if err != nil {
		var none T
		return none, err
	}
	return parse(string(text))
}

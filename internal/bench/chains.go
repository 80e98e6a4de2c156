package main

import (
	"context"
	"crypto/x509/pkix"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// writeChains writes a root and count chains of leaf and intermediate below it.
func writeChains(ctx context.Context, file string, count int, now time.Time) error {
	root, err := issue.Issue(ctx, issue.Request{Profile: issue.ControlPlaneCA, Subject: pkix.Name{CommonName: "Root"}}, nil, now)
	if err != nil {
		return err
	}
	below := &issue.Issuer{Certificate: root.Certificate, Key: root.Key}
	intermediate, err := issue.Issue(ctx, issue.Request{Profile: issue.ControlPlaneCA, Subject: pkix.Name{CommonName: "Issuing"}}, below, now)
	if err != nil {
		return err
	}
	issuing := &issue.Issuer{Certificate: intermediate.Certificate, Chain: below.Present(root.Certificate), Key: intermediate.Key}
	chains := make(map[string]string, count)
	for i := range count {
		name := fmt.Sprintf("edge-%05d", i)
		leaf, err := issue.Issue(ctx, issue.Request{Profile: issue.DataplaneCertificate, Subject: pkix.Name{CommonName: name}}, issuing, now)
		if err != nil {
			return err
		}
		chains[name] = pki.EncodeCertificates(leaf.Chain...)
	}
	text, err := json.Marshal(map[string]any{"root": pki.EncodeCertificates(root.Certificate), "chains": chains})
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

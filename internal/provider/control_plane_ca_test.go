package provider

import (
	"crypto/x509"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

// The whole of a trust, as a user writes it: an issuer is the CA's resource.
const rootIssuingEdge = `
resource "mtls_control_plane_ca" "root" {
  subject = { common_name = "Acme Gateway Root", organization = "Acme" }
}

resource "mtls_control_plane_ca" "issuing" {
  subject         = { common_name = "Acme Gateway Issuing" }
  issuer          = mtls_control_plane_ca.root
  max_path_length = 0
  name_constraints = {
    permitted_dns_domains     = ["dp.acme.internal"]
    excluded_dns_domains      = ["secret.dp.acme.internal"]
    permitted_ip_ranges       = ["10.0.0.0/8"]
    excluded_ip_ranges        = ["10.66.0.0/16"]
    permitted_email_addresses = ["acme.internal"]
    excluded_email_addresses  = ["root@acme.internal"]
    permitted_uri_domains     = ["acme.internal"]
    excluded_uri_domains      = ["secret.acme.internal"]
  }
  crl_distribution_points = ["http://pki.acme.internal/root.crl"]
  ocsp_servers            = ["http://ocsp.acme.internal"]
}

resource "mtls_dataplane_certificate" "edge" {
  subject         = { common_name = "edge-1" }
  dns_names       = ["edge-1.dp.acme.internal"]
  ip_addresses    = ["10.0.0.1"]
  uris            = ["spiffe://acme.internal/edge-1"]
  email_addresses = ["edge@acme.internal"]
  issuer          = mtls_control_plane_ca.issuing
}
`

func TestRootIntermediateAndLeafAreIssuedInOneApply(t *testing.T) {
	t.Parallel()
	const root, issuing, edge = "mtls_control_plane_ca.root", "mtls_control_plane_ca.issuing", "mtls_dataplane_certificate.edge"
	terraform(t, newStepClock().Now, resource.TestStep{
		Config:           rootIssuingEdge,
		ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		ConfigStateChecks: []statecheck.StateCheck{
			describesItself(root, 1), trusts(root, 1), holdsItsKey(root),
			describesItself(issuing, 1, root), trusts(issuing, 1), holdsItsKey(issuing),
			describesItself(edge, 1, issuing, root), holdsItsKey(edge),
			// The leaf presents its issuer's certificate; nothing else of an issuer
			// is in what it signed.
			leavesNoTrace(root, "private_key_pem", "certificate_pem"),
			leavesNoTrace(issuing, "private_key_pem"),
			looksLike(root, func(c *x509.Certificate) error { return isCA(c, -1) }),
			looksLike(issuing, func(c *x509.Certificate) error { return isCA(c, 0) }),
			looksLike(issuing, constrainedAsConfigured),
			looksLike(edge, func(c *x509.Certificate) error {
				if c.IsCA || c.KeyUsage != x509.KeyUsageDigitalSignature || !cmp.Equal(c.ExtKeyUsage, []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}) {
					return fmt.Errorf("CA %t, key usage %b, purposes %v", c.IsCA, c.KeyUsage, c.ExtKeyUsage)
				}
				return nil
			}),
		},
	})
}

func isCA(c *x509.Certificate, pathLength int) error {
	if !c.IsCA || c.MaxPathLen != pathLength || c.KeyUsage != x509.KeyUsageCertSign|x509.KeyUsageCRLSign {
		return fmt.Errorf("CA %t, path length %d, key usage %b", c.IsCA, c.MaxPathLen, c.KeyUsage)
	}
	return nil
}

func constrainedAsConfigured(c *x509.Certificate) error {
	got := fmt.Sprint(c.PermittedDNSDomainsCritical, c.PermittedDNSDomains, c.ExcludedDNSDomains, c.PermittedIPRanges, c.ExcludedIPRanges,
		c.PermittedEmailAddresses, c.ExcludedEmailAddresses, c.PermittedURIDomains, c.ExcludedURIDomains, c.CRLDistributionPoints, c.OCSPServer)
	const want = "true [dp.acme.internal] [secret.dp.acme.internal] [10.0.0.0/8] [10.66.0.0/16] " +
		"[acme.internal] [root@acme.internal] [acme.internal] [secret.acme.internal] [http://pki.acme.internal/root.crl] [http://ocsp.acme.internal]"
	if got != want {
		return errors.New(cmp.Diff(want, got))
	}
	return nil
}

// An issuer is three texts, wherever they come from.
func TestIssuerCanBeSpelledOut(t *testing.T) {
	t.Parallel()
	const root, issuing, edge = "mtls_control_plane_ca.root", "mtls_control_plane_ca.issuing", "mtls_dataplane_certificate.edge"
	terraform(t, newStepClock().Now, resource.TestStep{
		Config: `
resource "mtls_control_plane_ca" "root" {
  subject = { common_name = "Root" }
}
resource "mtls_control_plane_ca" "issuing" {
  subject = { common_name = "Issuing" }
  issuer = {
    certificate_pem = mtls_control_plane_ca.root.certificate_pem
    private_key_pem = mtls_control_plane_ca.root.private_key_pem
  }
}
resource "mtls_dataplane_certificate" "edge" {
  subject = { common_name = "edge" }
  issuer = {
    certificate_pem = mtls_control_plane_ca.issuing.certificate_pem
    chain_pem       = mtls_control_plane_ca.issuing.chain_pem
    private_key_pem = mtls_control_plane_ca.issuing.private_key_pem
  }
}`,
		ConfigStateChecks: []statecheck.StateCheck{
			describesItself(issuing, 1, root), describesItself(edge, 1, issuing, root), leavesNoTrace(root, "private_key_pem", "certificate_pem"),
		},
	})
}

// Nothing is destroyed, and all is issued in order, when a CA makes way for a new
// one: as a change of its own, or by another CA in its place.
func TestNewCAReissuesAllBelowItInTheSameApply(t *testing.T) {
	t.Parallel()
	const root, issuing, edge = "mtls_control_plane_ca.root", "mtls_control_plane_ca.issuing", "mtls_dataplane_certificate.edge"
	config := func(roots, rootName string) string {
		return roots + `
resource "mtls_control_plane_ca" "issuing" {
  subject = { common_name = "Issuing" }
  issuer  = mtls_control_plane_ca.` + rootName + `
}
resource "mtls_dataplane_certificate" "edge" {
  subject = { common_name = "edge" }
  issuer  = mtls_control_plane_ca.issuing
}`
	}
	const renamed = `
resource "mtls_control_plane_ca" "root" {
  subject = { common_name = "Root of 2027" }
}`
	oldRoot, oldRootPEM := readsCertificate(root)
	oldIssuing, oldIssuingPEM := readsCertificate(issuing)
	newerIssuing, newerIssuingPEM := readsCertificate(issuing)
	updated := func(addresses ...string) resource.ConfigPlanChecks {
		var checks resource.ConfigPlanChecks
		for _, address := range addresses {
			checks.PreApply = append(checks.PreApply, plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate))
		}
		return checks
	}
	terraform(t, newStepClock().Now,
		resource.TestStep{
			Config:            config("resource \"mtls_control_plane_ca\" \"root\" {\n  subject = { common_name = \"Root\" }\n}", "root"),
			ConfigStateChecks: []statecheck.StateCheck{oldRoot, oldIssuing},
		},
		resource.TestStep{
			Config:           config(renamed, "root"),
			ConfigPlanChecks: updated(root, issuing, edge),
			ConfigStateChecks: []statecheck.StateCheck{
				describesItself(root, 2), trusts(root, 2, oldRootPEM),
				describesItself(issuing, 2, root), trusts(issuing, 2, oldIssuingPEM),
				describesItself(edge, 2, issuing, root),
				newerIssuing,
			},
		},
		resource.TestStep{
			Config: config(renamed+`
resource "mtls_control_plane_ca" "successor" {
  subject = { common_name = "Another Root" }
}`, "successor"),
			ConfigPlanChecks: updated(issuing, edge),
			ConfigStateChecks: []statecheck.StateCheck{
				describesItself(root, 2),
				describesItself(issuing, 3, "mtls_control_plane_ca.successor"), trusts(issuing, 3, oldIssuingPEM, newerIssuingPEM),
				describesItself(edge, 3, issuing, "mtls_control_plane_ca.successor"),
			},
		},
	)
}

// Nothing lives longer than what is above it.
func TestLifeIsCutToTheIssuersEnd(t *testing.T) {
	t.Parallel()
	clock := newStepClock()
	end := clock.Now().Add(100*time.Hour - time.Second)
	endsThen := func(c *x509.Certificate) error {
		if !c.NotAfter.Equal(end) {
			return fmt.Errorf("ends at %s, not %s", c.NotAfter, end)
		}
		return nil
	}
	terraform(t, clock.Now, resource.TestStep{
		Config: `
resource "mtls_control_plane_ca" "root" {
  subject  = { common_name = "Root" }
  validity = "100h"
}
resource "mtls_control_plane_ca" "issuing" {
  subject = { common_name = "Issuing" }
  issuer  = mtls_control_plane_ca.root
}
resource "mtls_dataplane_certificate" "edge" {
  subject = { common_name = "edge" }
  issuer  = mtls_control_plane_ca.issuing
}`,
		ConfigStateChecks: []statecheck.StateCheck{
			looksLike("mtls_control_plane_ca.root", endsThen),
			looksLike("mtls_control_plane_ca.issuing", endsThen),
			looksLike("mtls_dataplane_certificate.edge", endsThen),
		},
	})
}

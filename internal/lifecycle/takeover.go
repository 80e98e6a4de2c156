package lifecycle

import (
	"slices"
	"strings"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/rotation"
)

// warnOfTakeover reports that a certificate that was imported, moved or provided is
// issued again although nothing makes it due: who takes a certificate over mostly
// means to keep it.
func warnOfTakeover(r *Resource, s *Slot, decided Decision, problems *Problems) {
	if s.Prior == nil || s.Prior.Newest().Origin == Generated || slices.Contains(decided.Reasons, rotation.RenewalDue) || !decided.Step.Makes() {
		return
	}
	prior := s.Prior.Newest()
	differs := issue.Differences(prior.Certificate, s.request(), r.Issuer.Signer)
	detail := pki.Describe(prior.Certificate) + " is not kept: this plan issues another certificate in its place. "
	if len(differs) > 0 {
		detail += "What is configured differs from it in " + strings.Join(differs, ", ") + ". To keep it until it is due, configure what it says, or set certificate_pem. "
	}
	if !s.Want.Key.elsewhere() && prior.KeyPEM == "" {
		detail += "Its private key is not in the state, and a key without its certificate is of no use. To keep it, provide the key: with private_key_pem_wo, " +
			"such as private_key_pem_wo = tls_private_key.NAME.private_key_pem; or set certificate_pem and private_key_pem instead of subject, apply, and set subject again."
	}
	problems.warn(s.Name, "", "Certificate is issued again", strings.TrimSpace(detail))
}

// keepAlgorithm has a key that is generated for a certificate that was imported,
// moved or provided be of the same algorithm, unless the configuration names one,
// and so for all that follow: peers that were set up for RSA may know nothing else.
func keepAlgorithm(request *issue.Request, prior *Prior) {
	if request.Key != nil || request.CSR != nil || request.KeyAlgorithm != "" || prior.Request.KeyAlgorithm != "" {
		return
	}
	if before := pki.AlgorithmOf(prior.Certificate.PublicKey); slices.Contains(pki.KeyAlgorithms(), before) {
		request.KeyAlgorithm = before
	}
}

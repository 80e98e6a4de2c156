package lifecycle

import (
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/rotation"
)

// checkSettings reports which lifecycle settings contradict each other.
func checkSettings(s *Slot, uploads bool, problems *Problems) {
	unknown, settings := s.Want.Unknown, s.Want.Settings
	if unknown.Request || unknown.RenewBefore || unknown.Overlap || unknown.Prepublish {
		return
	}
	policy := s.policy(uploads, rotation.Generation{})
	if s.Want.Origin == Provided {
		// Nothing is known of the validity of the next one.
		policy = rotation.Policy{Prepublish: policy.Prepublish}
		if settings.RenewBefore != nil {
			policy.RenewBefore = *settings.RenewBefore
		}
	}
	for _, fault := range policy.Check() {
		detail := pki.Sentence(fault.Error()) + "."
		if fault.Fault != rotation.Negative {
			detail += " Change one of the two."
		}
		problems.fail("", string(fault.Setting), "Invalid lifecycle settings", detail)
	}
	warnOfSharedMode(s, problems)
}

// sharedName is the name that a data plane looks for in its control plane's
// certificate where both have the same one: cluster_mtls = shared of Kong.
const sharedName = "kong_clustering"

// warnOfSharedMode: a control plane that shares a certificate with its data planes
// compares with that one, so that nothing helps that is trusted first.
func warnOfSharedMode(s *Slot, problems *Problems) {
	names := s.Want.Request.DNSNames
	if certificate := s.Want.Certificate; certificate != nil {
		names = certificate.DNSNames
	}
	ahead := s.Want.Settings.Prepublish
	if ahead == nil || *ahead <= 0 || s.Want.Request.Profile != issue.PinnedCertificate || !slices.Contains(names, sharedName) {
		return
	}
	problems.warn("", "prepublish", "Control plane trusts one certificate only",
		"The name "+sharedName+" says that this certificate is for a self-hosted control plane with cluster_mtls = shared. "+
			"It compares with the one that it presents itself, so that a connection works only where both sides have the same certificate, whatever is trusted first: "+
			"prepublish delays the switch and does not help. Leave it out and rotate in a maintenance window, or use cluster_mtls = pki.")
}

// checkPresentable reports a next generation that ends before it is presented: by
// itself, or with cutBy, the issuer that ends first.
func checkPresentable(s *Slot, end time.Time, cutBy *x509.Certificate, now time.Time, problems *Problems) {
	ahead := s.Want.Settings.Prepublish
	if ahead == nil {
		return
	}
	presented := now.Add(*ahead)
	if last := s.Prior.Certificate.NotAfter; last.Before(presented) {
		presented = last
	}
	if end.After(presented) || !end.After(now) {
		return // what has ended already is reported as that
	}
	with, cure := "", "Provide one that is valid for longer"
	if cutBy != nil {
		with, cure = " with its issuer "+pki.Describe(cutBy), "Renew the issuer first"
	}
	problems.fail("", "prepublish", "Next generation ends too early",
		"It would end at "+pki.Stamp(end)+with+", before it could be presented at "+pki.Stamp(presented)+". "+
			cure+", or shorten prepublish.")
}

// checkPhaseKnown reports settings that are unknown and decide which certificate
// is presented, the provided one or that in state: of an argument that is set,
// Terraform lets no plan leave that to the apply.
func checkPhaseKnown(s *Slot, problems *Problems) {
	for _, setting := range []struct {
		name    rotation.Setting
		unknown bool
	}{{rotation.SettingPrepublish, s.Want.Unknown.Prepublish}, {rotation.SettingOverlap, s.Want.Unknown.Overlap}} {
		if setting.unknown {
			problems.fail("", string(setting.name), "Setting must be known at plan",
				"The certificate_pem that is configured is another one than the one that is presented, and "+string(setting.name)+" decides whether it is presented now or waits. "+
					"It is known only at apply, and Terraform does not let a plan leave certificate_pem open. "+
					"Write the duration out, or first apply what it follows from, with -target.")
		}
	}
}

// checkKeyKnown reports a key that is known, beside a certificate that is not and
// decides whether that key is presented or waits: of an argument that is set,
// Terraform lets no plan leave that to the apply.
func checkKeyKnown(s *Slot, result *Result, problems *Problems) {
	if s.Want.Key.Source != ConfiguredKey || !s.Want.Unknown.Certificate || !s.Want.Key.PEM.IsKnown() || result.PrivateKey.IsKnown() {
		return
	}
	problems.fail("", "private_key_pem", "Certificate must be known at plan",
		"This private key is presented now or waits, and certificate_pem decides that, which is known only at apply: Terraform does not let a plan leave private_key_pem open. "+
			"First apply what certificate_pem follows from, with -target, or set prepublish = \"0s\" to present the next certificate at once.")
}

// checkKeyCanWait reports a key that Terraform does not let wait: of an argument
// that is set, a plan may say what is configured or what is in state, and there
// is nothing in state.
func checkKeyCanWait(s *Slot, problems *Problems) {
	if s.Want.Key.Source != ConfiguredKey || s.Prior.KeyPEM != "" {
		return
	}
	problems.fail("", "private_key_pem", "Private key cannot wait",
		"The next certificate is trusted before it is presented, and no private key of the current one is in state: "+
			"private_key_pem would belong to a certificate that is not presented yet. "+
			"Set private_key_pem once the next certificate is presented, or set prepublish = \"0s\" to present it now.")
}

// reportWaiting says in words what an apply will do with the generation that
// waits, and when.
func reportWaiting(r *Resource, s *Slot, decided Decision, problems *Problems) {
	if decided.Action == Defer {
		return
	}
	active, next := s.Prior.Generation, decided.Waiting
	if decided.Action == Prepare {
		reportPrepared(r, s, active, next, problems)
		return
	}
	timeline := s.Prior.timeline(r.Record)
	at := s.policy(r.Uploads, timeline.Active).PresentedAt(timeline)
	since := "is trusted already"
	if instant := timeline.Waiting.TrustedSince; !instant.IsZero() {
		since = "has been trusted since " + pki.Stamp(instant)
	}
	detail := fmt.Sprintf("Generation %d %s and waits; generation %d is presented. ", next, since, active)
	if s.Want.Ignored != "" {
		detail += "It goes on waiting, because lifecycle lists " + s.Want.Ignored + " in ignore_changes, or ignores all. Remove it from ignore_changes."
	} else {
		detail += fmt.Sprintf("The first apply from %s on presents generation %d%s.", pki.Stamp(at), next, s.thenTrusted(active))
	}
	problems.warn("", "prepublish", "Next generation waits", detail)
}

// reportPrepared says what the apply of this plan and the next one do.
func reportPrepared(r *Resource, s *Slot, active, next int64, problems *Problems) {
	ahead := *s.Want.Settings.Prepublish
	detail := fmt.Sprintf("This apply adds generation %d to trusted_certificates_pem. What is presented stays generation %d. ", next, active)
	if s.Prior.Waiting != nil {
		detail += fmt.Sprintf("Generation %d, which waited, is trusted no longer: nobody has presented it. ", s.Prior.Waiting.Number)
	}
	if end := s.Prior.Certificate.NotAfter; end.Before(r.Now.Add(ahead)) {
		detail += fmt.Sprintf("Generation %d ends at %s, before prepublish has passed: the first apply from then on presents generation %d. "+
			"To present it earlier, shorten prepublish.", active, pki.Stamp(end), next)
	} else {
		detail += fmt.Sprintf("The first apply that comes %s or more after this one (applied now: from %s on) presents generation %d%s.",
			rotation.Span(ahead), pki.Stamp(r.Now.Add(ahead)), next, s.thenTrusted(active))
	}
	if issuer, known := r.Issuer.Fingerprint().Get(); r.Issuer.Given && (!known || issuer != s.Prior.Issuer) {
		detail += fmt.Sprintf(" Until then, generation %d still needs the earlier certificate of its issuer to be trusted: the issuer's overlap must be longer than this prepublish.", active)
	}
	problems.warn("", "prepublish", "Next generation is trusted first", detail)
}

// thenTrusted says for how long the active generation stays trusted once the next
// one is presented.
func (s *Slot) thenTrusted(active int64) string {
	overlap := s.Want.Settings.Overlap
	switch {
	case s.Want.Unknown.Overlap:
		return ""
	case overlap == nil:
		return fmt.Sprintf("; generation %d then stays trusted until it ends at %s", active, pki.Stamp(s.Prior.Certificate.NotAfter))
	default:
		return fmt.Sprintf("; generation %d then stays trusted for %s more", active, rotation.Span(*overlap))
	}
}

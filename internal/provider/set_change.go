package provider

import (
	"crypto"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/rotation"
)

// A setChange is a set of certificates on its way from state to configuration.
type setChange struct {
	now    time.Time
	plan   *dataplaneCertificateSetModel
	state  *dataplaneCertificateSetModel // nil if the set is to be created
	issuer configuredIssuer
	// above is what every node presents behind its own certificate, as PEM.
	above string
	nodes []*node // by name; empty while the nodes are not known
	// before are the results that the state has. Each map is read once: to read
	// one is to copy it.
	before *setResults
	// memory tells on which instant to decide.
	memory memory

	diagnostics *diag.Diagnostics
}

func newSetChange(config, plan, state *dataplaneCertificateSetModel, now time.Time, diagnostics *diag.Diagnostics) *setChange {
	c := &setChange{now: now, plan: plan, state: state, diagnostics: diagnostics}
	c.issuer = readIssuer(config.Issuer, diagnostics)
	if c.issuer.issuer != nil {
		c.above = pki.EncodeCertificates(c.issuer.issuer.Above()...)
	}
	c.before = state.results()
	nodes, before := plan.Certificates.Elements(), state.certificates()
	for _, name := range slices.Sorted(maps.Keys(nodes)) {
		n := plan.readNode(name, nodes[name])
		n.request.IssuerUnknown = c.issuer.unknown
		if configured, ok := before[name]; ok {
			n.remember(state, configured, c.before)
		}
		c.nodes = append(c.nodes, n)
	}
	return c
}

// remember reads what the state has of the node. A node whose certificate
// cannot be read is issued anew.
func (n *node) remember(state *dataplaneCertificateSetModel, configured attr.Value, before *setResults) {
	chain, err := pki.ParseCertificates(pemText(before.chains[n.name]))
	if err != nil {
		return
	}
	n.certificate = chain[0]
	n.before = state.readNode(n.name, configured).request
	if key, ok := before.keys[n.name].(pemValue); ok {
		n.keyPEM = key
	}
}

// causes are the grounds that hold for every node.
func (c *setChange) causes() rotation.Causes {
	if c.state == nil {
		return rotation.Causes{}
	}
	changed, _ := triggered(c.plan.RotationTriggers, c.state.RotationTriggers)
	return rotation.Causes{
		TriggerChanged: changed,
		IssuerChanged:  !c.issuer.unknown && !c.issuer.fingerprint().Equal(c.state.IssuerFingerprint),
	}
}

// writePlan makes unknown what changes, node by node.
func (c *setChange) writePlan() {
	if c.plan.Certificates.IsUnknown() {
		c.plan.unknownResults()
		return
	}
	causes, results := c.causes(), newSetResults(len(c.nodes))
	changing := false
	for _, n := range c.nodes {
		decided := n.decide(causes, c.issuer, c.memory.decidedAt(c.now))
		c.tell(n, decided.Notices)
		if !decided.Rotate && !decided.open {
			c.keep(n, results)
			continue
		}
		changing = true
		c.check(n)
		results.unknown(n.name)
		if n.request.SigningRequest != nil {
			results.keys[n.name] = nullPEM()
		} else if decided.Rotate && c.reusable(n) != nil {
			results.keys[n.name] = n.keyPEM
		}
	}
	if changing && c.issuer.keyless {
		addKeylessIssuer(c.diagnostics)
	}
	if changing && c.state != nil && !c.issuer.given {
		addIssuerGone(c.diagnostics)
	}
	c.checkPolicy()
	results.write(c.plan)
	c.plan.IssuerFingerprint = c.issuer.fingerprint()
	c.plan.setRenewal(c.nodes, c.memory.decidedAt(c.now))
	if changing || c.plan.RenewBefore.IsUnknown() {
		c.plan.RenewalAt, c.plan.RenewalDue = timetypes.NewRFC3339Unknown(), types.BoolUnknown()
	}
}

// overdue is [change.overdue] for the nodes that became due first.
func (c *setChange) overdue() bool {
	first := firstRenewal(c.nodes)
	if first.IsZero() || c.now.Before(first) || !first.After(c.memory.decidedAt(c.now)) {
		return false
	}
	c.memory.observe(first)
	return true
}

// outdatedFor is [memory.outdated] for the nodes of a set.
func (m memory) outdatedFor(nodes []*node, now time.Time) bool {
	return m.Observed.IsZero() || slices.ContainsFunc(nodes, func(n *node) bool {
		return n.certificate != nil && m.outdated(rotation.Timeline{Active: n.generation()}, n.policy, now)
	})
}

// check tells what is wrong with the certificate that a node is to get.
func (c *setChange) check(n *node) {
	c.refuse(n, issue.Check(n.request, c.issuer.issuer, c.now))
	if !n.read.incomplete {
		warnOfCut(n.request, c.issuer, c.now, c.diagnostics)
	}
}

// refuse puts each violation on the node, or where all share it, on the set.
func (c *setChange) refuse(n *node, violations []issue.Violation) {
	for _, violation := range violations {
		if strings.HasPrefix(violation.Field, "issuer") || violation.Field == "validity" || violation.Field == "extended_key_usages" || violation.Field == "key_algorithm" {
			// The same for every node: told once.
			shared := diag.NewAttributeErrorDiagnostic(fieldPath(violation.Field), violation.Summary, violation.Detail)
			if !c.diagnostics.Contains(shared) {
				c.diagnostics.Append(shared)
			}
			continue
		}
		c.diagnostics.AddAttributeError(n.at(violation.Field, violation.Index), violation.Summary, "Node "+quoted(n.name)+": "+violation.Detail)
	}
}

func (c *setChange) checkPolicy() {
	if len(c.nodes) == 0 || c.plan.Validity.IsUnknown() || c.plan.RenewBefore.IsUnknown() {
		return
	}
	for _, fault := range c.nodes[0].policy.Check() {
		c.diagnostics.AddAttributeError(path.Root(string(fault.Setting)), "Lifecycle that cannot work", sentence(fault.Error())+".")
	}
}

// tell passes on what a plan does not cure.
func (c *setChange) tell(n *node, notices []rotation.Notice) {
	for _, notice := range notices {
		switch notice {
		case rotation.ClockBehind:
			c.diagnostics.AddAttributeError(path.Root("certificates").AtMapKey(n.name), "Clock is behind",
				"This machine's clock reads "+newInstant(c.now).ValueString()+", before the certificate of node "+quoted(n.name)+
					" begins. Set the clock right. Nothing was changed.")
		case rotation.IssuerEndsFirst:
			c.diagnostics.AddAttributeWarning(path.Root("issuer"), "Renewal waits for issuer",
				"Certificates are due for renewal, but the issuer ends no later than they do. Renew the issuer; they are then re-issued with it.")
		case rotation.RenewByHand, rotation.ActiveEnded:
			// A set's certificates are never brought, and one that has ended says
			// so above.
		}
	}
}

// keep copies what the state has of a node. Its chain follows its issuers'.
func (c *setChange) keep(n *node, results *setResults) {
	results.copy(n.name, c.before)
	switch {
	case c.issuer.chainUnknown:
		results.chains[n.name] = unknownPEM()
	case c.issuer.issuer != nil:
		chain := newPEM(pki.EncodeCertificates(n.certificate) + c.above)
		if before, ok := results.chains[n.name].(pemValue); !ok || !chain.same(before) {
			results.chains[n.name] = chain
		}
	}
}

// reusable is the key that a node keeps; nil if it gets a new one, or may.
func (c *setChange) reusable(n *node) crypto.Signer {
	if !c.plan.ReuseKey.ValueBool() || c.plan.KeyAlgorithm.IsUnknown() || !known(n.keyPEM) || n.request.SigningRequest != nil {
		return nil
	}
	key, err := pki.ParsePrivateKey(n.keyPEM.ValueString())
	if err != nil || n.request.KeyAlgorithm != "" && pki.AlgorithmOf(key.Public()) != n.request.KeyAlgorithm {
		return nil
	}
	return key
}

// setRenewal tells when the first node is due.
func (m *dataplaneCertificateSetModel) setRenewal(nodes []*node, now time.Time) {
	first := firstRenewal(nodes)
	m.RenewalAt = newInstant(first)
	m.RenewalDue = types.BoolValue(!first.IsZero() && !now.Before(first))
}

func firstRenewal(nodes []*node) time.Time {
	var first time.Time
	for _, n := range nodes {
		if n.certificate == nil {
			continue
		}
		if at := n.policy.RenewalAt(n.generation()); !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first
}

func quoted(text string) string { return types.StringValue(text).String() }

package provider

import (
	"context"
	"runtime"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// apply issues what the plan said would change. All or nothing: if one node
// cannot be issued, every such node is named, and the set stays as it was.
func (c *setChange) apply(ctx context.Context) {
	causes, promised, results := c.causes(), c.plan.results(), newSetResults(len(c.nodes))
	var wanted []*node
	for _, n := range c.nodes {
		if n.certificate != nil && (promised.keeps(n.name) || !n.decide(causes, c.issuer, c.now).Rotate) {
			c.keep(n, results)
			continue
		}
		n.request.Key = c.reusable(n)
		wanted = append(wanted, n)
	}
	issued, failures := c.issueAll(ctx, wanted)
	if ctx.Err() != nil {
		c.diagnostics.AddError("Interrupted", "Issuing was interrupted. Nothing was changed.")
		return
	}
	for i, n := range wanted {
		if failures[i] != nil {
			c.fail(n, failures[i])
			continue
		}
		n.certificate = issued[i].Certificate
		c.record(n, issued[i], results)
	}
	if c.diagnostics.HasError() {
		return
	}
	results.write(c.plan)
	c.plan.IssuerFingerprint = c.issuer.fingerprint()
	if c.plan.RenewalAt.IsUnknown() || c.plan.RenewalDue.IsUnknown() {
		c.plan.setRenewal(c.nodes, c.now)
	}
}

// issueAll issues in parallel, one worker a processor, until the context ends.
func (c *setChange) issueAll(ctx context.Context, wanted []*node) ([]*issue.Issued, []error) {
	issued, failures := make([]*issue.Issued, len(wanted)), make([]error, len(wanted))
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(wanted)) {
		workers.Go(func() {
			for i := range next {
				issued[i], failures[i] = issue.Issue(wanted[i].request, c.issuer.issuer, c.now)
			}
		})
	}
	const progressEvery = 100
	for i := range wanted {
		if ctx.Err() != nil {
			break
		}
		if i > 0 && i%progressEvery == 0 {
			tflog.Info(ctx, "issuing certificates", map[string]any{"issued": i, "wanted": len(wanted)})
		}
		next <- i
	}
	close(next)
	workers.Wait()
	return issued, failures
}

// fail tells why a node's certificate was not issued.
func (c *setChange) fail(n *node, err error) {
	if refused, ok := violationsOf(err); ok {
		c.refuse(n, refused)
		return
	}
	c.diagnostics.AddAttributeError(path.Root("certificates").AtMapKey(n.name), "Certificate not issued",
		"Node "+quoted(n.name)+": "+err.Error()+". Nothing was issued for any node.")
}

// record writes what was issued for a node.
func (c *setChange) record(n *node, issued *issue.Issued, results *setResults) {
	results.chains[n.name] = newPEM(pki.EncodeCertificates(issued.Certificate) + c.above)
	results.serials[n.name] = types.StringValue(pki.SerialNumber(issued.Certificate))
	results.fingerprints[n.name] = types.StringValue(pki.FingerprintSHA256(issued.Certificate))
	results.notAfter[n.name] = types.StringValue(newInstant(issued.Certificate.NotAfter).ValueString())
	switch {
	case issued.Key == nil:
		results.keys[n.name] = nullPEM()
	case n.request.Key != nil:
		results.keys[n.name] = n.keyPEM
	default:
		text, err := pki.EncodePrivateKey(issued.Key)
		if err != nil {
			c.fail(n, err)
			return
		}
		results.keys[n.name] = newPEM(text)
	}
}

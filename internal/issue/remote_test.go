package issue_test

import (
	"context"
	"crypto"
	"errors"
	"io"
	"sync/atomic"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// A remote key is held elsewhere: it counts what it is asked for, and gives up with
// its context.
type remote struct {
	crypto.Signer
	asked *atomic.Int32
	// signs is the key that it signs with; nil: its own.
	signs crypto.Signer
}

func (r remote) AtOnce() int { return 4 }

func (r remote) During(ctx context.Context) crypto.Signer { return during{r, ctx} }

type during struct {
	remote
	ctx context.Context
}

func (d during) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	d.asked.Add(1)
	if d.ctx.Err() != nil {
		return nil, d.ctx.Err()
	}
	if d.signs != nil {
		return d.signs.Sign(random, digest, opts)
	}
	return d.Signer.Sign(random, digest, opts)
}

func newRemote(t *testing.T) remote {
	t.Helper()
	key, err := pki.GenerateKey(pki.ECDSAP256)
	if err != nil {
		t.Fatal(err)
	}
	return remote{Signer: key, asked: new(atomic.Int32)}
}

// A key that is held elsewhere signs itself, an intermediate and a leaf; below
// another CA it also shows that it is there.
func TestRemoteKeySigns(t *testing.T) {
	t.Parallel()
	top, middle := newRemote(t), newRemote(t)
	root := mustIssue(t, with(aCA(), func(r *issue.Request) { r.Key = top }), nil)
	intermediate := mustIssue(t, with(calling("issuing", aCA()), func(r *issue.Request) { r.Key = middle }), below(root))
	leaf := mustIssue(t, aLeaf(), below(intermediate, root))
	if got := [2]int32{top.asked.Load(), middle.asked.Load()}; got != [2]int32{2, 2} {
		t.Errorf("root and intermediate were asked %v times, want twice each", got)
	}
	if !pki.SignedBy(leaf.Certificate, intermediate.Certificate) || !pki.SameKey(intermediate.Certificate.PublicKey, middle.Public()) {
		t.Error("the leaf was not signed by the intermediate's key")
	}
}

// The context reaches the key.
func TestRemoteKeyIsInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	key := newRemote(t)
	root := mustIssue(t, aCA(), nil)
	if _, err := issue.Issue(ctx, with(aCA(), func(r *issue.Request) { r.Key = key }), nil, now()); !errors.Is(err, context.Canceled) {
		t.Errorf("a root: %v, want that it was cancelled", err)
	}
	elsewhere := &issue.Issuer{Certificate: root.Certificate, Key: remote{Signer: root.Key, asked: new(atomic.Int32)}}
	if _, err := issue.Issue(ctx, aLeaf(), elsewhere, now()); !errors.Is(err, context.Canceled) {
		t.Errorf("a leaf: %v, want that it was cancelled", err)
	}
}

// A program that signs with another key than the public one it is configured
// with makes no certificate, be it a root or below one.
func TestRemoteKeyThatIsAnother(t *testing.T) {
	t.Parallel()
	wrong, other := newRemote(t), newRemote(t)
	wrong.signs = other.Signer
	request := with(calling("issuing", aCA()), func(r *issue.Request) { r.Key = wrong })
	for name, issuer := range map[string]*issue.Issuer{"root": nil, "intermediate": below(mustIssue(t, aCA(), nil))} {
		if issued, err := issue.Issue(t.Context(), request, issuer, now()); err == nil || issued != nil {
			t.Errorf("%s: issued for a key that its program does not have", name)
		}
	}
}

package signer

import (
	"cmp"
	"context"
	"crypto"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/turn"
)

// Defaults of [Limits].
const (
	DefaultTimeout = 30 * time.Second
	DefaultAtOnce  = 8
)

// Limits bound what programs may take.
type Limits struct {
	Timeout time.Duration // of one signature, from the start of its program; zero: [DefaultTimeout]
	AtOnce  int           // programs that run at the same time; zero: [DefaultAtOnce]
}

// Programs runs the programs of all keys, within limits that they share. The zero
// value is ready, with the defaults.
type Programs struct {
	mutex   sync.Mutex
	limits  Limits
	running chan struct{} // holds one element for each program that runs; nil: not made yet
}

// Limit sets the limits. What runs already runs on within those before.
func (p *Programs) Limit(limits Limits) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.limits, p.running = limits, nil
}

// current is the limits as they are, without a zero in them, and the places of
// those that run.
func (p *Programs) current() (Limits, chan struct{}) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	limits := Limits{Timeout: cmp.Or(p.limits.Timeout, DefaultTimeout), AtOnce: cmp.Or(p.limits.AtOnce, DefaultAtOnce)}
	if p.running == nil {
		p.running = make(chan struct{}, limits.AtOnce)
	}
	return limits, p.running
}

// longestCommand is how many bytes a command line may have, with a byte behind
// each word: what Windows takes, and Linux more than.
const longestCommand = 32767

// Check reports why a command cannot be run: it names no program, has a NUL, which
// ends a word, or is too long.
func Check(command []string) error {
	size := 0
	for i, word := range command {
		size += len(word) + 1
		switch {
		case i == 0 && strings.TrimSpace(word) == "":
			return errors.New("the first element is blank, and is the name or the path of the program that signs")
		case strings.ContainsRune(word, 0):
			return fmt.Errorf("element [%d] has a NUL, which no command line can have", i)
		}
	}
	if size > longestCommand {
		return fmt.Errorf("it has %d bytes, and a command line has at most %d: put what is longer into a file, and its path here", size, longestCommand)
	}
	return nil
}

// Key is the key whose public half is public and that command signs with: the
// program and its arguments. The command must not be empty.
func (p *Programs) Key(command []string, public crypto.PublicKey) *Key {
	return &Key{programs: p, command: slices.Clone(command), public: public}
}

// A Key is a [pki.RemoteSigner] that is held by a program.
type Key struct {
	programs *Programs
	command  []string
	public   crypto.PublicKey
	ctx      context.Context //nolint:containedctx // crypto.Signer has none; see During
}

var _ pki.RemoteSigner = (*Key)(nil)

// Public is the public key that signatures are verified with.
func (k *Key) Public() crypto.PublicKey { return k.public }

// During is the key while ctx lasts: when that is done, the program is ended.
func (k *Key) During(ctx context.Context) crypto.Signer {
	bound := *k
	bound.ctx = ctx
	return &bound
}

// AtOnce is how many signatures can be waited for at the same time.
func (k *Key) AtOnce() int {
	limits, _ := k.programs.current()
	return limits.AtOnce
}

// Sign has the program sign digest, or the message if opts names no hash. The
// random source is the program's own.
//
// It returns a [*ProgramError] for a program that cannot be run, fails, or does not
// give the signature that it was asked for, and the context's error if that ended
// first.
func (k *Key) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	ctx := k.ctx
	if ctx == nil {
		ctx = context.Background()
	}
	scheme, err := schemeOf(k.public, opts)
	if err != nil {
		return nil, err
	}
	if len(k.command) == 0 || k.command[0] == "" {
		return nil, errors.New("the signer command is empty")
	}
	limits, running := k.programs.current()
	// Waiting takes no processor: let others compute meanwhile.
	back := turn.Leave(ctx)
	defer back()
	select {
	case running <- struct{}{}:
		defer func() { <-running }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	output, err := k.run(ctx, scheme, digest, limits.Timeout)
	if err != nil {
		return nil, err
	}
	signature, fault := scheme.read(k.public, digest, output)
	if fault != "" {
		return nil, k.fail(fault, "")
	}
	return signature, nil
}

package signer_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/signer"
	"github.com/trustplane/terraform-provider-mtls/internal/turn"
)

// A bench is a key in a file, and the program that signs with it.
type bench struct {
	programs *signer.Programs
	key      crypto.Signer
	file     string
}

func newBench(t *testing.T, algorithm pki.KeyAlgorithm) *bench {
	t.Helper()
	key, err := pki.GenerateKey(algorithm)
	if err != nil {
		t.Fatal(err)
	}
	text, err := pki.EncodePrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{programs: new(signer.Programs), key: key, file: filepath.Join(t.TempDir(), "key.pem")}
	if err := os.WriteFile(b.file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return b
}

// program is the command that signs, in one of the ways of TestMain.
func (b *bench) program(t *testing.T, how string, arguments ...string) []string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return append([]string{self, "sign", how, b.file}, arguments...)
}

// digest is what a certificate's signature is made of, and how.
func digest(algorithm pki.KeyAlgorithm) ([]byte, crypto.SignerOpts) {
	hash := map[pki.KeyAlgorithm]crypto.Hash{pki.ECDSAP384: crypto.SHA384, pki.ECDSAP521: crypto.SHA512, pki.Ed25519: 0}
	message := []byte(strings.Repeat("to be signed ", 300))
	use, is := hash[algorithm]
	if !is {
		use = crypto.SHA256
	}
	if use == 0 {
		return message, use
	}
	sum := use.New()
	sum.Write(message)
	return sum.Sum(nil), use
}

// Every kind of key, in every form in which programs write a signature.
func TestSignaturesInEveryForm(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []pki.KeyAlgorithm{pki.ECDSAP256, pki.ECDSAP384, pki.ECDSAP521, pki.RSA2048, pki.Ed25519} {
		b := newBench(t, algorithm)
		input, opts := digest(algorithm)
		for _, how := range []string{"bytes", "line", "base64", "wrapped", "url", "raw", "raw base64"} {
			t.Run(string(algorithm)+"/"+how, func(t *testing.T) {
				t.Parallel()
				key := b.programs.Key(b.program(t, how), b.key.Public())
				signature, err := key.Sign(rand.Reader, input, opts)
				if err != nil {
					t.Fatal(err)
				}
				if err := verified(b.key.Public(), input, opts, signature); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// Whatever a program does instead of signing is reported in words that lead on,
// and gives no signature.
func TestProgramsThatDoNotSign(t *testing.T) {
	t.Parallel()
	script := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(script, []byte("no first line\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		algorithm pki.KeyAlgorithm
		command   []string // nil: the test's own, which does what name says
		want      []string
	}{
		"missing":          {pki.ECDSAP256, []string{"no-such-program-here"}, []string{`"no-such-program-here" was not found`, "PATH"}},
		"missing path":     {pki.ECDSAP256, []string{"./no-such-program"}, []string{`was not found`, "A relative path starts in ", "${path.module}"}},
		"not executable":   {pki.ECDSAP256, []string{script}, []string{"may not be run", "chmod +x"}},
		"empty":            {pki.ECDSAP256, []string{""}, []string{"is empty"}},
		"silent":           {pki.ECDSAP256, nil, []string{"wrote no signature"}},
		"garbage":          {pki.ECDSAP256, nil, []string{"wrote 40 bytes", "not an ECDSA signature in DER or of 64 bytes"}},
		"half":             {pki.RSA2048, nil, []string{"wrote 128 bytes", "not an RSA signature of 256 bytes"}},
		"another message":  {pki.ECDSAP256, nil, []string{"does not verify", "another key", "standard input"}},
		"another message ": {pki.Ed25519, nil, []string{"does not verify"}},
		"twice":            {pki.ECDSAP384, nil, []string{"hashed its standard input"}},
		"no prefix":        {pki.RSA2048, nil, []string{"without its DigestInfo"}},
		"pss":              {pki.RSA2048, nil, []string{"RSASSA-PSS"}},
		"flood":            {pki.ECDSAP256, nil, []string{"more than 16384 bytes", "was ended"}},
		"words":            {pki.ECDSAP256, nil, []string{"failed: exit status 1", ". It says:\n\n  … ", "\n  CKR_PIN_INCORRECT: the PIN is wrong"}},
		"escape":           {pki.ECDSAP256, nil, []string{`\u001b[31mred`, `\u0007`}},
		"key":              {pki.ECDSAP256, nil, []string{"withheld: there is a private key in it"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "not executable" && runtime.GOOS == "windows" {
				t.Skip("Windows has no right to execute")
			}
			b := newBench(t, test.algorithm)
			command := test.command
			if command == nil {
				command = b.program(t, strings.TrimSpace(name))
			}
			input, opts := digest(test.algorithm)
			signature, err := b.programs.Key(command, b.key.Public()).Sign(rand.Reader, input, opts)
			if err == nil || signature != nil {
				t.Fatalf("signed: %x", signature)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
			if strings.ContainsAny(err.Error(), "\x1b\x07") || strings.Contains(err.Error(), "BEGIN") || len(err.Error()) > 2000 {
				t.Errorf("%q holds what it must not", err)
			}
			if strings.Contains(err.Error(), b.file) {
				t.Errorf("%q repeats the arguments, which may hold a PIN", err)
			}
		})
	}
}

// The signature of another key is not taken, whichever key it is.
func TestSignatureOfAnotherKey(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []pki.KeyAlgorithm{pki.ECDSAP256, pki.RSA2048, pki.Ed25519} {
		b, other := newBench(t, algorithm), newBench(t, algorithm)
		input, opts := digest(algorithm)
		_, err := b.programs.Key(other.program(t, "bytes"), b.key.Public()).Sign(rand.Reader, input, opts)
		if err == nil || !strings.Contains(err.Error(), "another key than the one that is configured") {
			t.Errorf("%s: %v, want that it is of another key", algorithm, err)
		}
	}
}

// A program that takes too long is ended, and the time is in the message.
func TestTimeLimit(t *testing.T) {
	t.Parallel()
	b := newBench(t, pki.ECDSAP256)
	b.programs.Limit(signer.Limits{Timeout: 300 * time.Millisecond})
	input, opts := digest(pki.ECDSAP256)
	_, err := b.programs.Key(b.program(t, "slow"), b.key.Public()).Sign(rand.Reader, input, opts)
	if err == nil || !strings.Contains(err.Error(), "no signature within 300ms") || !strings.Contains(err.Error(), "signer_timeout") {
		t.Errorf("%v, want that it took too long and which setting to raise", err)
	}
}

// An interrupt ends the program: the error is the context's, and nothing else is
// waited for.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	b := newBench(t, pki.ECDSAP256)
	begun := filepath.Join(t.TempDir(), "begun")
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for ctx.Err() == nil {
			if _, err := os.Stat(begun); err == nil {
				cancel()
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	input, opts := digest(pki.ECDSAP256)
	key := b.programs.Key(b.program(t, "slow", begun), b.key.Public()).During(ctx)
	if _, err := key.Sign(rand.Reader, input, opts); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want that it was cancelled", err)
	}
}

// No more programs run at once than the limit says, and those that wait for one
// heed their context.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t, pki.ECDSAP256)
	b.programs.Limit(signer.Limits{AtOnce: 1})
	begun := filepath.Join(t.TempDir(), "begun")
	first, stop := context.WithCancel(t.Context())
	input, opts := digest(pki.ECDSAP256)
	var running sync.WaitGroup
	running.Go(func() {
		_, _ = b.programs.Key(b.program(t, "slow", begun), b.key.Public()).During(first).Sign(rand.Reader, input, opts)
	})
	for {
		if _, err := os.Stat(begun); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	second, giveUp := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer giveUp()
	key := b.programs.Key(b.program(t, "bytes"), b.key.Public())
	if _, err := key.During(second).Sign(rand.Reader, input, opts); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want that the second waits for the first", err)
	}
	stop()
	running.Wait()
	if _, err := key.Sign(rand.Reader, input, opts); err != nil {
		t.Errorf("once the first is over: %v", err)
	}
}

// A call that waits for a program lets another one compute.
func TestWaitingLeavesThePlace(t *testing.T) {
	t.Parallel()
	b := newBench(t, pki.ECDSAP256)
	var left, back atomic.Int32
	ctx := turn.Hold(t.Context(), func() { left.Add(1) }, func() { back.Add(1) })
	input, opts := digest(pki.ECDSAP256)
	if _, err := b.programs.Key(b.program(t, "bytes"), b.key.Public()).During(ctx).Sign(rand.Reader, input, opts); err != nil {
		t.Fatal(err)
	}
	if left.Load() != 1 || back.Load() != 1 {
		t.Errorf("left %d times and came back %d times, want once each", left.Load(), back.Load())
	}
}

// A program is given no scheme that the protocol does not have.
func TestSchemes(t *testing.T) {
	t.Parallel()
	b := newBench(t, pki.ECDSAP256)
	sum := sha256.Sum256(nil)
	if _, err := b.programs.Key(b.program(t, "bytes"), b.key.Public()).Sign(rand.Reader, sum[:20], crypto.SHA1); err == nil {
		t.Error("signed SHA-1")
	}
}

// verified asks the standard library.
func verified(public crypto.PublicKey, input []byte, opts crypto.SignerOpts, signature []byte) error {
	good := false
	switch public := public.(type) {
	case *ecdsa.PublicKey:
		good = ecdsa.VerifyASN1(public, input, signature)
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(public, opts.HashFunc(), input, signature)
	case ed25519.PublicKey:
		good = ed25519.Verify(public, input, signature)
	}
	if !good {
		return errors.New("the signature does not verify")
	}
	return nil
}

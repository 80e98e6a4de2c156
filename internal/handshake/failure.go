package handshake

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"syscall"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// A stage is how far things had come.
type stage int

const (
	inHandshake stage = iota
	afterHandshake
	afterRequest
)

// A failure is what ended a connection, in words.
type failure struct {
	said, meaning string
	// deliberate says that the other side did it, and may have meant the
	// certificate.
	deliberate bool
}

// failed sets the result for an error of the connection. What the other side did
// is a refusal once it has asked for a certificate; before that it has seen
// nothing that it could refuse.
func (r *Result) failed(ctx context.Context, asked Request, connection *heard, at stage, err error) {
	f := failureOf(ctx, asked, connection, at, err)
	switch {
	case !f.deliberate:
		r.undecided(f.said, f.meaning)
	case r.Asked:
		r.refused(f.said, f.meaning)
	case at == inHandshake:
		r.undecided(f.said+", before it asked for a certificate", f.meaning)
	default:
		r.undecided(f.said+", and had asked for no certificate", f.meaning)
	}
}

// asksLate is about a server that asks for a certificate where Apache does with
// SSLVerifyClient in a location: by renegotiation (RFC 5246, 7.4.1.1), or after the
// handshake (RFC 8446, 4.6.2).
const asksLate = "the server may ask for a certificate only once it has the request, which is not supported here: nothing is proved about this certificate"

func failureOf(ctx context.Context, asked Request, connection *heard, at stage, err error) failure {
	sent, isAlert := alertOf(err)
	_, notTLS := errors.AsType[tls.RecordHeaderError](err)
	switch {
	case isAlert:
		return failure{sent.String(), sent.meaning(), true}
	case errors.Is(ctx.Err(), context.Canceled):
		return failure{said: "interrupted"}
	case ctx.Err() != nil || isTimeout(err):
		return failure{said: fmt.Sprintf("no answer within %s: %s", asked.Timeout, at.silence(connection))}
	case errors.Is(err, errTooMuch):
		return failure{said: errTooMuch.Error()}
	case at == afterRequest && strings.Contains(err.Error(), "no renegotiation"): // crypto/tls has no error of its own for it
		return failure{said: "the server began another handshake", meaning: asksLate}
	case notTLS && at == inHandshake:
		return noTLS(ctx, connection)
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return failure{"closed without an answer", at.closed(), true}
	case isReset(err):
		return failure{"connection reset", at.closed(), true}
	default:
		return failure{said: "this side could not go on: " + pki.EscapeControl(err.Error())}
	}
}

// silence says what did not come in time.
func (s stage) silence(connection *heard) string {
	switch {
	case s == afterRequest:
		return "the handshake was held, and the request was not answered"
	case s == afterHandshake:
		return "the handshake was held, and then it was not known whether the server goes on"
	case connection.count == 0:
		return "connected, and not a byte came back"
	default:
		return fmt.Sprintf("connected, and the handshake was not finished; %d bytes had come back", connection.count)
	}
}

// closed is what to make of a connection that the other side ended.
func (s stage) closed() string {
	if s == inHandshake {
		return ""
	}
	return "the handshake was held, and then the connection was ended; Kong does that in shared mode with a certificate that is not the pinned one"
}

// isReset reports whether the other side reset the connection, or had closed it
// before this side wrote.
func isReset(err error) bool {
	const windowsReset, windowsAborted = syscall.Errno(10054), syscall.Errno(10053)
	number, ok := errors.AsType[syscall.Errno](err)
	return ok && (number == syscall.ECONNRESET || number == syscall.EPIPE || number == windowsReset || number == windowsAborted)
}

// connectionError is why there is no connection, in few words.
func connectionError(err error) string {
	const windowsRefused = syscall.Errno(10061)
	number, ok := errors.AsType[syscall.Errno](err)
	switch {
	case isTimeout(err) || errors.Is(err, context.DeadlineExceeded):
		return "no answer"
	case ok && (number == syscall.ECONNREFUSED || number == windowsRefused):
		return "connection refused"
	case ok:
		return number.Error()
	default:
		return pki.EscapeControl(err.Error())
	}
}

// noTLS is about a server whose first words are not TLS.
func noTLS(ctx context.Context, connection *heard) failure {
	first := connection.firstLine(ctx)
	status := regexp.MustCompile(`^HTTP/\S+ (\d{3})`).FindSubmatch(first)
	switch {
	case status == nil:
		return failure{said: "no TLS" + quoted(first), meaning: "something else listens there, or it wants another protocol first"}
	case bytes.Equal(status[1], []byte("407")), bytes.HasPrefix(status[1], []byte("50")):
		return failure{said: "no TLS: a proxy's answer in plain HTTP" + quoted(first), meaning: "the address is that of a proxy, which is not used: name the server itself"}
	default:
		return failure{said: "no TLS: an answer in plain HTTP" + quoted(first), meaning: "the port is one for plain HTTP: name the one for TLS"}
	}
}

// firstLine is the first line that the other side said, and waits a moment for
// the rest of it.
func (h *heard) firstLine(ctx context.Context) []byte {
	readWithin(ctx, h, settled)
	for !bytes.Contains(h.first, []byte("\n")) && len(h.first) < rememberedBytes {
		if _, err := h.Read(make([]byte, rememberedBytes)); err != nil {
			break
		}
	}
	line, _, _ := bytes.Cut(h.first, []byte("\n"))
	return bytes.TrimSpace(line)
}

// quoted is text of the other side as a message shows it, with what introduces
// it: as text if it is one, or else in hex.
func quoted(text []byte) string {
	const shown = 16
	line, _, _ := bytes.Cut(text, []byte("\n"))
	line = bytes.TrimSpace(line)
	printable := pki.Printable(string(line))
	switch {
	case len(line) == 0:
		return ""
	case !strings.Contains(printable, `\u`):
		return fmt.Sprintf(": %q", printable)
	default:
		return ", but bytes that begin " + hex.EncodeToString(line[:min(shown, len(line))])
	}
}

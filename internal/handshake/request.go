package handshake

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"strings"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// request makes the HTTP request and reads what comes of it. What is written may
// fail at a server that has refused already: what it said is still there to read.
func request(ctx context.Context, r Request, client *tls.Conn, connection *heard, result *Result) {
	text := fmt.Sprintf("GET %s HTTP/1.1\r\nHost: %s\r\nAccept: */*\r\nConnection: close\r\n\r\n", r.Path, hostHeader(r.serverName()))
	_, _ = io.WriteString(client, text)
	head := &io.LimitedReader{R: client, N: maxHeader}
	reader := bufio.NewReader(head)
	if _, err := reader.Peek(1); err != nil {
		result.failed(ctx, r, connection, afterRequest, err)
		return
	}
	first, _ := reader.Peek(reader.Buffered())
	begin := bytes.Clone(first)
	answer, err := http.ReadResponse(reader, nil)
	if err != nil {
		result.unreadable(ctx, r, begin, head, err)
		return
	}
	defer func() { _ = answer.Body.Close() }()
	result.HTTPStatus = answer.StatusCode
	head.N += maxBody
	result.answered(answer, reasonIn(answer))
}

// hostHeader is a name as an HTTP request has it.
func hostHeader(name string) string {
	if ip, err := netip.ParseAddr(name); err == nil && ip.Is6() {
		return "[" + ip.WithZone("").String() + "]"
	}
	return name
}

// unreadable sets the result for an answer that is not HTTP, or not all of it.
func (r *Result) unreadable(ctx context.Context, asked Request, begin []byte, head *io.LimitedReader, err error) {
	switch {
	case ctx.Err() != nil || isTimeout(err):
		r.undecided(fmt.Sprintf("no whole HTTP answer within %s", asked.Timeout), "")
	case head.N <= 0:
		r.undecided(fmt.Sprintf("an HTTP answer whose head is longer than %d bytes", maxHeader), "")
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		r.undecided("closed within the head of an HTTP answer", "")
	default:
		r.undecided("an answer that is not HTTP"+quoted(begin), "http.path asks for HTTP, and the server speaks something else: remove http")
	}
}

// answered sets the result by the status of an answer.
func (r *Result) answered(answer *http.Response, reason string) {
	said := fmt.Sprintf("HTTP %d", answer.StatusCode)
	switch {
	case reason != "":
		said += ": " + reason
	case http.StatusText(answer.StatusCode) != "":
		said += " " + http.StatusText(answer.StatusCode)
	}
	switch status := answer.StatusCode; {
	case status == http.StatusBadRequest && aboutCertificate(reason):
		r.refused(said, meaningOf(reason))
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		r.refused(said, "the handshake was held, and the request was denied")
	case status == 495, status == 496: // nginx's own, where its error_page does not hide them
		r.refused(said, "")
	case status == http.StatusProxyAuthRequired, status == http.StatusBadGateway, status == http.StatusServiceUnavailable, status == http.StatusGatewayTimeout:
		r.undecided(said+", a proxy's answer", "a proxy took the connection; what is behind it did not answer")
	default:
		r.accepted()
	}
}

// aboutCertificate reports whether the reason of a status 400 is that of nginx
// for a certificate that it does not take.
func aboutCertificate(reason string) bool {
	return strings.Contains(reason, "SSL certificate")
}

func meaningOf(reason string) string {
	if strings.HasPrefix(reason, "No required") {
		return "nginx wants a certificate and says that it got none"
	}
	return "nginx refuses the certificate: the chain leads to nothing that it trusts, is longer than its ssl_verify_depth, has expired, is revoked, or is not for a client. Its error log has the number and the name of the error"
}

// reasonIn finds what an answer of status 400 or more says of itself: the title
// of its page, or the first line of its text.
func reasonIn(answer *http.Response) string {
	if answer.StatusCode < http.StatusBadRequest {
		return ""
	}
	body, _ := io.ReadAll(io.LimitReader(answer.Body, maxBody))
	text := string(body)
	if title := regexp.MustCompile(`(?is)<title>(.*?)</title>`).FindStringSubmatch(text); title != nil {
		text = title[1]
	} else if strings.HasPrefix(strings.TrimSpace(text), "<") || !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/") {
		return ""
	}
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	text = strings.TrimPrefix(strings.TrimSpace(text), fmt.Sprintf("%d ", answer.StatusCode))
	return pki.Printable(text)
}

// isTimeout reports whether a read ran out of time.
func isTimeout(err error) bool {
	var slow net.Error
	return errors.As(err, &slow) && slow.Timeout()
}

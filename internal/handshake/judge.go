package handshake

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// A Judgement says by what the two sides are judged.
type Judgement struct {
	// At is the instant of the judgement.
	At time.Time
	// Anchors is all that this side trusts; an empty list judges no server.
	// Unreadable says why one is nil, by its index from 0.
	Anchors    []*x509.Certificate
	Unreadable map[int]error
	// Uploads is what the server is believed to trust, and Verifier whose rules it
	// has, with VerifyDepth as its setting if that is not nil; an empty list predicts
	// nothing. UnreadableUploads is as Unreadable.
	Uploads           []*x509.Certificate
	UnreadableUploads map[int]error
	Verifier          trust.Verifier
	VerifyDepth       *int
}

// A Report sets the verdicts of both sides beside each other.
type Report struct {
	Request Request
	Result
	// Server is what this side says of the server's chain; nil where there are no
	// anchors, or where the server presented nothing.
	Server *trust.Verdict
	// Predicted is what the server was expected to say of our chain; nil without
	// uploads.
	Predicted *trust.Verdict
	// Alone is what can be said of our chain whatever the server trusts: dates,
	// purpose, signatures, order.
	Alone trust.Verdict
}

// Judge gives the verdicts on what a handshake showed.
func Judge(request Request, result Result, by Judgement) Report {
	report := Report{Request: request, Result: result}
	if len(by.Anchors) > 0 && len(result.ServerChain) > 0 {
		verdict := trust.Evaluate(by.Anchors, result.ServerChain, asDataPlane(request.serverName(), by))
		report.Server = &verdict
	}
	if len(by.Uploads) > 0 {
		verdict := trust.Evaluate(by.Uploads, request.Chain, trust.Options{Verifier: by.Verifier, VerifyDepth: by.VerifyDepth, At: by.At, UnreadableAnchors: by.UnreadableUploads})
		report.Predicted = &verdict
	}
	top := request.Chain[len(request.Chain)-1]
	report.Alone = trust.Evaluate([]*x509.Certificate{top}, request.Chain, trust.Options{At: by.At})
	return report
}

// asDataPlane are the options by which a Kong data plane judges its control
// plane: for the name that it always looks for in shared mode, or else the one
// that is configured.
func asDataPlane(serverName string, by Judgement) trust.Options {
	options := trust.Options{Verifier: trust.KongDataPlaneShared, At: by.At, UnreadableAnchors: by.Unreadable}
	if serverName != trust.KongSharedName {
		options.Verifier, options.ServerName = trust.KongDataPlanePKI, &serverName
	}
	return options
}

// ServerVerifiers lists the verifiers that a server can be, the default first:
// those that judge clients.
func ServerVerifiers() []trust.Verifier {
	return slices.DeleteFunc(trust.Verifiers(), trust.Verifier.JudgesServers)
}

// Accepted reports whether both sides hold the connection: the server accepted
// our certificate, and this side trusts the server's, as far as it was asked.
func (r Report) Accepted() bool {
	return r.Outcome == Accepted && (r.Server == nil || r.Server.Trusted)
}

// Refusal is why the connection is not held, in one line; empty if it is.
func (r Report) Refusal() string {
	switch {
	case r.Accepted():
		return ""
	case r.Outcome == Accepted:
		return "this side refuses the server's certificate: " + string(r.Server.Findings[0].Code)
	default:
		return r.Said
	}
}

// Disagrees reports whether the server did something else than was predicted. A
// server that gave no word disagrees with nothing.
func (r Report) Disagrees() bool {
	return r.Predicted != nil && r.Outcome != Undecided && r.Predicted.Trusted != (r.Outcome == Accepted)
}

// namesOurCA reports whether one of the CAs that the server named as acceptable
// is an issuer in the presented chain.
func (r Report) namesOurCA() bool {
	for _, certificate := range r.Request.Chain {
		for _, name := range r.Authorities {
			if bytes.Equal(name, certificate.RawIssuer) {
				return true
			}
		}
	}
	return false
}

// An Expectation is what a handshake is to prove.
type Expectation string

// The expectations.
const (
	ExpectAccepted Expectation = "accepted" // both sides hold the connection
	ExpectRefused  Expectation = "refused"  // the server refuses our certificate
	ExpectAny      Expectation = "any"      // whatever comes is a result
)

// Expectations lists all of them, the default first.
func Expectations() []Expectation {
	return []Expectation{ExpectAccepted, ExpectRefused, ExpectAny}
}

// Unmet is a short summary of why an expectation is not met, and empty if it is.
// A server that was not reached, or that gave no word on the certificate, proves
// neither.
func (r Report) Unmet(expected Expectation) string {
	switch {
	case expected == ExpectAny:
		return ""
	case r.Outcome == Undecided && r.Remote.IsValid():
		return "Handshake proves nothing"
	case r.Outcome == Undecided:
		return "Server not reached"
	case expected == ExpectRefused && r.Outcome == Accepted:
		return "Certificate not refused"
	case expected == ExpectRefused:
		return ""
	case r.Outcome == Refused:
		return "Certificate refused"
	case !r.Accepted():
		return "Server not trusted"
	default:
		return ""
	}
}

// Advice is what to look at where prediction and server disagree; empty where
// they do not.
func (r Report) Advice() string {
	switch {
	case !r.Disagrees():
		return ""
	case r.Predicted.Trusted:
		return fmt.Sprintf("The prediction was that %s accepts this chain, and it refused. Either the server does not trust what uploaded_pem lists, or verifier and verify_depth are not those that run there; or the prediction is wrong, which is a fault of this provider: please report it with the summary.", r.Request.Address)
	default:
		return fmt.Sprintf("The prediction was that %s refuses this chain, and it accepted. Either the server trusts more than uploaded_pem lists, or verifier and verify_depth are not those that run there; or the prediction is wrong, which is a fault of this provider: please report it with the summary.", r.Request.Address)
	}
}

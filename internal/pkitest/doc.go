// Package pkitest builds trust graphs for tests from a drawing of them:
//
//	graph := pkitest.Build(t, "edge <- issuing <- root",
//		pkitest.With("issuing", pkitest.PathLength(0)),
//		pkitest.With("edge", pkitest.DNS("edge.example"), pkitest.ExpiredFor(time.Hour)))
//	anchors := graph.Certificates("root")
//	presented := graph.Certificates("edge", "issuing")
//
// # The drawing
//
// Each line is a chain, read "is issued by" from left to right; lines may share
// nodes, so a drawing of several lines is any graph. A node's name is also its
// certificate's common name, up to a tilde: "issuing" and "issuing~2" are two
// certificates of the one subject CN=issuing, each with its own key unless
// [SameKeyAs] says otherwise. A node that no line gives an issuer is
// self-signed.
//
// # The defaults
//
// Without deviations every node is what a careful issuer makes: X.509 v3, a
// P-256 key of its own, key identifiers, valid at [Now]. A node that issues
// another, or shares the subject of one that does, is a CA that may sign; one
// that issues none is a leaf for client
// authentication. A [Deviation] changes that, also into what no issuer should
// make: certificates that break each rule of RFC 5280 that a verifier looks at.
//
// # What it costs
//
// P-256 keys are made anew for each graph, in microseconds, so two graphs never
// share one. RSA keys are slow to make: those are remembered for the life of
// the process, and the first RSA-2048 node of each graph has the same key.
//
// The package is only for tests. It imports neither package issue nor package
// trust, so that both can be tested against it.
package pkitest

package trust_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"strings"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// A meeting is a control plane that holds uploads, and a data plane that comes
// with a chain.
type meeting struct {
	name      string
	uploaded  string
	presented string
	// says is what the published matrix says that servers did, one letter for
	// each row of matrixRows: + accepted, - refused, . not tried.
	says string
}

// meetings are the cases A1 to J1 of the matrix, its columns turned into rows:
// Kong with cluster_mtls = pki (nginx, verify on), Kong with cluster_mtls =
// shared (nginx, optional_no_ca and the digest), openssl s_server without and
// with partial chains, and Go with RequireAndVerifyClientCert.
func meetings() []meeting {
	return []meeting{
		{"A1", "leaf", "leaf", "-+-++"},
		{"A2", "leaf", "leaf int", "-+-++"},
		{"A3", "leaf", "sibling", "-----"},
		{"A4", "leaf", "sibling int", "-----"},
		{"B1", "int", "leaf", "---++"},
		{"B2", "int", "leaf int", "---++"},
		{"C1", "root", "leaf int", "+-+++"},
		{"C2", "root", "leaf", "-----"},
		{"D1", "leaf root", "leaf", "-.-++"},
		{"D2", "leaf root", "sibling int", "+.+++"},
		{"D3", "leaf root", "sibling", "-.---"},
		{"E1", "int root", "leaf", "+.+++"},
		{"F1", "version1", "version1", "+++++"},
		{"G1", "pinCA", "pinCA", "+++++"},
		{"H1", "int", "server", "-----"},
		{"H2", "server", "server", "-+---"},
		{"H3", "root", "server int", "-----"},
		{"I1", "root", "bare int", "+-+++"},
		{"J1", "expired", "expired", "-----"},
	}
}

// furtherMeetings are corners that the matrix lacks. Servers are asked about
// them all the same.
func furtherMeetings() []meeting {
	list := []meeting{
		{name: "four intermediates", uploaded: "root", presented: "deep4 ca4 ca3 ca2 ca1"},
		{name: "five intermediates", uploaded: "root", presented: "deep5 ca5 ca4 ca3 ca2 ca1"},
		{name: "a chain out of order", uploaded: "root", presented: "deep4 ca1 ca3 ca4 ca2"},
		{name: "a pin and its issuers", uploaded: "leaf", presented: "leaf int root"},
		{name: "a pin for servers and its issuer", uploaded: "server", presented: "server int"},
		{name: "any purpose", uploaded: "root", presented: "any int"},
		{name: "a key usage that signs no handshake", uploaded: "root", presented: "enciphers int"},
		{name: "no purpose listed", uploaded: "root", presented: "nothing int"},
		{name: "an RSA key of 1024 bits", uploaded: "root", presented: "rsa1024 int"},
		{name: "an RSA key of 2048 bits", uploaded: "root", presented: "rsa2048 int"},
		{name: "P-384", uploaded: "root", presented: "p384 int"},
		{name: "Ed25519", uploaded: "root", presented: "ed25519 int"},
		{name: "an unknown critical extension", uploaded: "root", presented: "critical int"},
		{name: "key ids that disagree", uploaded: "root", presented: "astray int"},
		{name: "an expired intermediate", uploaded: "root", presented: "late old"},
		{name: "a pin below an expired intermediate", uploaded: "late", presented: "late old"},
		{name: "an expired intermediate, uploaded", uploaded: "old", presented: "late"},
		{name: "a name that is not permitted", uploaded: "root", presented: "named narrow"},
		{name: "a URI below a permitted host", uploaded: "root", presented: "spiffe narrow"},
		{name: "a subject that is not permitted", uploaded: "dir", presented: "outside"},
		{name: "a subject that is permitted", uploaded: "dir", presented: "inside"},
		{name: "a pin beside an issuer that does not permit its subject", uploaded: "outside", presented: "outside dir"},
		{name: "the second upload", uploaded: "root leaf", presented: "leaf"},
		{name: "a stranger", uploaded: "root", presented: "stranger"},
		{name: "a signature that is broken", uploaded: "root", presented: "forged int"},
		{name: "a self-signed pin with a key of 1024 bits", uploaded: "weak", presented: "weak"},
		{name: "a pin at the end of a long chain", uploaded: "deep5", presented: "deep5 ca5 ca4 ca3 ca2 ca1"},
		{name: "a pin at the end of a long chain with its root", uploaded: "deep5", presented: "deep5 ca5 ca4 ca3 ca2 ca1 root"},
		{name: "a pin beside an issuer whose key usage lists nothing", uploaded: "under", presented: "under mute"},
		{name: "a pin beside an issuer that may not sign", uploaded: "beneath", presented: "beneath dumb"},
		{name: "an issuer that may not sign", uploaded: "root", presented: "beneath dumb"},
		{name: "a pin beside an issuer that is no CA", uploaded: "lower", presented: "lower noCA"},
		{name: "an issuer whose key usage lists nothing", uploaded: "root", presented: "under mute"},
		{name: "an intermediate uploaded whose issuer is not", uploaded: "root ca2", presented: "mid ca1"},
		{name: "an intermediate uploaded whose issuer is not, all presented", uploaded: "root ca2", presented: "mid ca2 ca1"},
		{name: "every other intermediate uploaded", uploaded: "root ca2 ca1", presented: "mid"},
		{name: "a pin beside strangers", uploaded: "leaf", presented: "leaf stranger old"},
		{name: "a pin beside a CA of its issuer's name", uploaded: "leaf", presented: "leaf int~2"},
	}
	for _, odd := range []string{"bare", "any", "enciphers", "nothing", "rsa1024", "critical", "astray", "named", "spiffe", "forged"} {
		list = append(list,
			meeting{name: odd + " as a pin", uploaded: odd, presented: odd},
			meeting{name: odd + " as a pin, with issuers", uploaded: odd, presented: odd + " int narrow"},
			meeting{name: odd + " as a pin, with the root", uploaded: odd, presented: odd + " int narrow root"},
		)
	}
	return list
}

// meetingGraph is every certificate of the meetings, valid today: servers know
// no other time.
func meetingGraph(t *testing.T) *pkitest.Graph {
	t.Helper()
	return buildMeetings(t, meetingDrawing)
}

const meetingDrawing = `
		leaf <- int <- root
		sibling <- int
		server <- int
		bare <- int
		any <- int
		enciphers <- int
		nothing <- int
		rsa1024 <- int
		rsa2048 <- int
		p384 <- int
		ed25519 <- int
		critical <- int
		astray <- int
		late <- old <- root
		named <- narrow <- root
		spiffe <- narrow
		deep5 <- ca5 <- ca4 <- ca3 <- ca2 <- ca1 <- root
		deep4 <- ca4
		mid <- ca2
		outside <- dir
		inside <- dir
		version1
		pinCA
		expired
		stranger
		forged <- int
		int~2
		weak
		under <- mute <- root
		beneath <- dumb <- root
		lower <- noCA <- root
		control`

// buildMeetings makes the certificates of a drawing, with what is odd about those
// of the meetings, and more.
func buildMeetings(t *testing.T, drawing string, more ...pkitest.Setting) *pkitest.Graph {
	t.Helper()
	now := time.Now().Truncate(time.Second)
	var list []pkitest.Setting
	for name := range strings.FieldsSeq(strings.ReplaceAll(drawing, "<-", " ")) {
		list = append(list, with(name, pkitest.Valid(now.Add(-2*time.Hour), now.Add(2*time.Hour))))
	}
	over := pkitest.Valid(now.Add(-2*time.Hour), now.Add(-time.Hour))
	tree := func(kind, base string) pkitest.Subtree { return pkitest.Subtree{Kind: kind, Base: base} }
	list = append(list,
		with("server", pkitest.Purposes(x509.ExtKeyUsageServerAuth)),
		with("bare", pkitest.Purposes()),
		with("any", pkitest.Purposes(x509.ExtKeyUsageAny)),
		with("enciphers", pkitest.KeyUsage(x509.KeyUsageKeyEncipherment)),
		with("nothing", noPurposeListed()),
		with("rsa1024", pkitest.Algorithm(pkitest.RSA1024)),
		with("rsa2048", pkitest.Algorithm("RSA-2048")),
		with("p384", pkitest.Algorithm("ECDSA-P384")),
		with("ed25519", pkitest.Algorithm("ED25519")),
		with("critical", pkitest.UnknownCriticalExtension()),
		with("astray", pkitest.AuthorityKeyID([]byte("another key"))),
		with("old", over),
		with("narrow", pkitest.Permitted(tree("dns", "a.example"), tree("uri", "a.example"))),
		with("named", pkitest.DNS("b.example")),
		with("spiffe", pkitest.URI("spiffe://b.a.example/x")),
		with("dir", pkitest.ConstrainsDirectoryNames()),
		with("inside", pkitest.Subject(pkix.Name{CommonName: " A"})),
		with("version1", pkitest.Version1()),
		with("pinCA", pkitest.CA(true), pkitest.KeyUsage(0), pkitest.Purposes()),
		with("expired", over),
		with("forged", pkitest.BrokenSignature()),
		with("mute", noUsageListed()),
		with("dumb", pkitest.KeyUsage(x509.KeyUsageDigitalSignature)),
		with("noCA", pkitest.CA(false)),
		with("weak", pkitest.Algorithm(pkitest.RSA1024)),
		with("control", pkitest.DNS("kong_clustering"), pkitest.Purposes(x509.ExtKeyUsageServerAuth)),
	)
	return pkitest.Build(t, drawing, append(list, more...)...)
}

// judge is Evaluate's word on a meeting.
func (m meeting) judge(graph *pkitest.Graph, verifier trust.Verifier) trust.Verdict {
	return trust.Evaluate(graph.Certificates(m.uploaded), graph.Certificates(m.presented),
		trust.Options{Verifier: verifier, At: time.Now()})
}

// TestOracleMatrix holds the profiles against the rows of the published matrix
// that they stand for.
func TestOracleMatrix(t *testing.T) {
	graph := meetingGraph(t)
	for _, test := range []struct {
		verifier trust.Verifier
		row      string
		column   int // of meeting.says
		known    map[string]string
	}{
		{trust.KongHybridPKI, "nginx, verify on", 0, nil},
		{trust.KongHybridShared, "nginx, optional_no_ca and digest", 1, nil},
		{trust.Konnect, "openssl s_server -partial_chain", 3, pinForServers()},
		{trust.Konnect, "Go, RequireAndVerify", 4, pinForServers()},
	} {
		t.Run(string(test.verifier)+" as "+test.row, func(t *testing.T) {
			c := newTally("matrix, "+test.row, test.known)
			for _, m := range meetings() {
				if m.says[test.column] == '.' {
					c.skip("not tried by the matrix")
					continue
				}
				verdict := m.judge(graph, test.verifier)
				c.compare(m.name, m.says[test.column] == '+', verdict.Trusted, inWords(verdict))
			}
			c.report(t)
		})
	}
}

// pinForServers is the one case of the matrix in which no server with a trust
// pool stands for Konnect.
func pinForServers() map[string]string {
	return map[string]string{"H2": "a pin is compared, and its purpose is not looked at; a server with a trust pool asks for it"}
}

// onlyWarned is where nginx refuses what Evaluate accepts with a warning.
func onlyWarned() map[string]string {
	const reason = "from an upload on, OpenSSL looks at uploads alone; by this engine's laws one more upload never refuses, so it is the warning issuer_not_uploaded"
	return map[string]string{
		"an intermediate uploaded whose issuer is not":                reason,
		"an intermediate uploaded whose issuer is not, all presented": reason,
	}
}

// withoutDepth is where haproxy lets more pass than Kong.
func withoutDepth() map[string]string {
	known := onlyWarned()
	known["five intermediates"] = "haproxy has no setting for the depth that Kong sets in nginx"
	return known
}

// strictGo is where Go's server, which knows no pins but only a pool, refuses
// what Konnect's rule of pins accepts.
func strictGo() map[string]string {
	const pin = "a pin is compared, and nothing else of it but its dates is looked at; crypto/tls takes it for an anchor and verifies it as a leaf"
	known := pinForServers()
	known["a pin for servers and its issuer"] = pin
	asPins(known, pin, "critical")
	return known
}

// strictOpenSSL is where OpenSSL, even with partial chains, refuses what Konnect
// is not known to refuse.
func strictOpenSSL() map[string]string {
	const (
		pin     = "a pin is compared, and nothing else of it but its dates is looked at; OpenSSL verifies it as a leaf"
		company = "a pin is compared, and what is presented beside it is not looked at; OpenSSL goes on to its issuer"
		weak    = "Konnect publishes no limit on keys, and crypto/x509 has none above 1024 bits: a warning"
		nothing = "crypto/x509 takes a list without an entry for none at all, which allows anything; OpenSSL, for one that allows nothing"
	)
	known := pinForServers()
	known["a pin for servers and its issuer"] = pin
	asPins(known, pin, "any", "enciphers", "nothing", "rsa1024", "critical")
	for _, odd := range []string{"named", "spiffe", "forged"} {
		known[odd+" as a pin, with issuers"], known[odd+" as a pin, with the root"] = company, company
	}
	for _, name := range []string{"a pin below an expired intermediate", "a pin beside an issuer that may not sign", "a pin beside an issuer that is no CA",
		"a pin beside an issuer that does not permit its subject"} {
		known[name] = company
	}
	known["an RSA key of 1024 bits"] = weak
	known["a self-signed pin with a key of 1024 bits"] = weak
	known["a subject that is not permitted"] = "crypto/x509 passes over constraints on directory names that are not critical"
	known["no purpose listed"] = nothing
	known["an issuer whose key usage lists nothing"] = nothing
	known["any purpose"] = "OpenSSL does not take anyExtendedKeyUsage for client authentication; crypto/x509 does, as RFC 5280, 4.2.1.12, allows"
	known["a key usage that signs no handshake"] = "crypto/x509 does not look at a leaf's key usage, and Konnect is not known to: a warning"
	known["key ids that disagree"] = "OpenSSL passes over an issuer whose key id is not the one that is named; for crypto/x509 that is a hint: a warning"
	known["a URI below a permitted host"] = "crypto/x509 takes a bare host in a constraint on URIs to include its subdomains; RFC 5280, 4.2.1.10, and OpenSSL do not"
	return known
}

// asPins gives a reason for certificates that are pinned, alone and in company.
func asPins(known map[string]string, reason string, odd ...string) {
	for _, name := range odd {
		for _, how := range []string{"", ", with issuers", ", with the root"} {
			known[name+" as a pin"+how] = reason
		}
	}
}

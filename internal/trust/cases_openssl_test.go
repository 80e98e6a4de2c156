package trust_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
)

// Oddities that crypto/x509 and OpenSSL read in different ways.

func object(arcs ...int) asn1.ObjectIdentifier { return arcs }

// netscape is a Netscape certificate type with these bits.
func netscape(bits byte) pkitest.Deviation {
	return pkitest.Extension(object(2, 16, 840, 1, 113730, 1, 1), false, []byte{0x03, 0x02, 0x00, bits})
}

// namesSerial is an authority key identifier with only a serial number.
func namesSerial(serial byte) pkitest.Deviation {
	return pkitest.Extension(object(2, 5, 29, 35), false, []byte{0x30, 0x03, 0x82, 0x01, serial})
}

func serial(number int64) pkitest.Deviation { return pkitest.Serial(big.NewInt(number)) }

// onlyDirectory is critical name constraints that permit the subjects below a
// common name.
func onlyDirectory(commonName string) pkitest.Deviation {
	name, _ := asn1.Marshal(pkix.Name{CommonName: commonName}.ToRDNSequence())
	base := asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 4, IsCompound: true, Bytes: name}
	value, _ := asn1.Marshal(struct {
		Permitted []struct{ Base asn1.RawValue } `asn1:"tag:0"`
	}{[]struct{ Base asn1.RawValue }{{base}}})
	return pkitest.Extension(object(2, 5, 29, 30), true, value)
}

// called is a subject with a common name of a string type.
func called(tag int, text string) pkitest.Deviation {
	oid, _ := asn1.Marshal(object(2, 5, 4, 3))
	value, _ := asn1.Marshal(asn1.RawValue{Tag: tag, Bytes: []byte(text)})
	sequence, _ := asn1.Marshal(asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: append(oid, value...)})
	set, _ := asn1.Marshal(asn1.RawValue{Tag: asn1.TagSet, IsCompound: true, Bytes: sequence})
	der, _ := asn1.Marshal(asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: set})
	return pkitest.RawSubject(der)
}

func algorithm(arcs ...int) pkix.AlgorithmIdentifier {
	return pkix.AlgorithmIdentifier{Algorithm: arcs}
}

func sha224() pkitest.Deviation {
	return pkitest.SignedAs(crypto.SHA224, algorithm(1, 2, 840, 10045, 4, 3, 1))
}

// ed448 says that a certificate is signed with Ed448, which nobody here checks.
func ed448() pkitest.Deviation { return pkitest.SignedAs(crypto.SHA256, algorithm(1, 3, 101, 113)) }

// saltOf signs with RSASSA-PSS, SHA-256 and a salt of some length.
func saltOf(length int) pkitest.Deviation {
	hash := pkix.AlgorithmIdentifier{Algorithm: object(2, 16, 840, 1, 101, 3, 4, 2, 1), Parameters: asn1.NullRawValue}
	masking, _ := asn1.Marshal(hash)
	parameters, _ := asn1.Marshal(struct {
		Hash pkix.AlgorithmIdentifier `asn1:"tag:0,explicit"`
		MGF  pkix.AlgorithmIdentifier `asn1:"tag:1,explicit"`
		Salt int                      `asn1:"tag:2,explicit"`
	}{
		hash, pkix.AlgorithmIdentifier{Algorithm: object(1, 2, 840, 113549, 1, 1, 8), Parameters: asn1.RawValue{FullBytes: masking}}, length,
	})
	pss := algorithm(1, 2, 840, 113549, 1, 1, 10)
	pss.Parameters = asn1.RawValue{FullBytes: parameters}
	return pkitest.SignedAs(&rsa.PSSOptions{SaltLength: length, Hash: crypto.SHA256}, pss)
}

// openSSLScenarios are judged by Kong as OpenSSL judges them.
func openSSLScenarios() []scenario {
	const trusted = "pki: edge <- issuing <- root"
	rsaCA := with("issuing", pkitest.Algorithm(pki.RSA2048))
	list := []scenario{
		{name: "an authority key id with the issuer's serial number", settings: settings(with("issuing", serial(7)), with("edge", namesSerial(7))), want: trusted},
		{name: "an authority key id with another serial number", settings: settings(with("issuing", serial(8)), with("edge", namesSerial(7))), want: "refused", codes: "key_id_mismatch"},
		{name: "an authority key id that cannot be read", settings: settings(with("edge", pkitest.Extension(object(2, 5, 29, 35), false, []byte{0x30, 0x02, 0x05, 0x00}))), want: "refused", codes: "malformed_certificate"},
		{name: "a Netscape type for servers", settings: settings(with("edge", netscape(0x40))), want: "refused", codes: "wrong_purpose"},
		{name: "a Netscape type for clients", settings: settings(with("edge", netscape(0xc0))), want: trusted},
		{name: "dates with an offset", settings: settings(with("edge", pkitest.DatesWithOffset())), want: "refused", codes: "malformed_certificate"},
		{name: "the last second", settings: settings(with("edge", pkitest.ExpiredFor(0))), want: "refused", codes: "expired"},
		{name: "the second before the last", settings: settings(with("edge", pkitest.EndsIn(time.Second))), want: trusted},
		{name: "critical constraints on directory names that permit", settings: settings(with("issuing", onlyDirectory("EDGE"))), want: trusted},
		{name: "critical constraints on directory names that forbid", settings: settings(with("issuing", onlyDirectory("other"))), want: "refused", codes: "name_not_permitted"},
		{name: "a critical extension of its own", settings: settings(with("edge", pkitest.UnknownCriticalExtension())), want: "refused", codes: "unknown_critical_extension"},
		{name: "a policy is required and not carried", settings: settings(with("issuing", pkitest.RequirePolicy())), want: trusted},
		{name: "a host that is excluded, and a name below it", settings: settings(with("root", pkitest.Excluded(pkitest.Subtree{Kind: "uri", Base: "a.example"})), with("edge", pkitest.URI("spiffe://b.a.example/x"))), want: trusted},
		{name: "every DNS name is excluded", settings: settings(with("root", pkitest.Excluded(dns(""))), with("edge", pkitest.DNS("a.example"))), want: "refused", codes: "name_excluded"},
		{name: "signed with SHA-224", settings: settings(with("edge", sha224())), want: trusted},
		{name: "signed with RSASSA-PSS and a salt of 20 bytes", settings: settings(rsaCA, with("edge", saltOf(20))), want: trusted},
		{name: "signed with Ed448", settings: settings(with("edge", ed448())), want: "refused", codes: "unknown_algorithm"},
		{name: "signed with SHA-1", settings: settings(with("edge", pkitest.SHA1())), want: "refused", codes: "weak_signature"},
		{name: "an RSA key of 2047 bits", settings: settings(with("edge", pkitest.Algorithm("RSA-2047"))), want: trusted},
		{name: "an RSA key of 1960 bits", settings: settings(with("edge", pkitest.Algorithm("RSA-1960"))), want: "refused", codes: "weak_key"},
		{name: "an RSA key for only RSASSA-PSS", settings: settings(with("edge", pkitest.Algorithm(pki.RSA2048), pkitest.KeyAlgorithm(algorithm(1, 2, 840, 113549, 1, 1, 10)))), want: trusted},
		{name: "a key of a kind that nobody knows", settings: settings(with("edge", pkitest.KeyAlgorithm(algorithm(1, 2, 3, 4)))), want: "refused", codes: "unknown_algorithm"},
		{name: "a public exponent of 1", settings: settings(with("edge", pkitest.Algorithm(pki.RSA2048), pkitest.PublicExponent(1))), want: "refused", codes: "unusable_key"},
	}
	for i := range list {
		list[i].drawing, list[i].uploaded, list[i].presented = chain, "root", "edge issuing"
	}
	const twins = "edge <- ca\nca~1"
	for _, other := range []struct {
		name      string
		deviation pkitest.Deviation
	}{
		{"in capitals", called(asn1.TagUTF8String, "CA")},
		{"with white space around it", called(asn1.TagPrintableString, "  ca ")},
		{"as a T61String", called(asn1.TagT61String, "ca")},
		{"as a BMPString", called(asn1.TagBMPString, "\x00c\x00a")},
	} {
		same := settings(with("ca~1", pkitest.SameKeyAs("ca"), pkitest.CA(true), other.deviation))
		list = append(list, scenario{name: "an issuer " + other.name, drawing: twins, settings: same, uploaded: "ca~1", presented: "edge", want: "pki: edge <- ca~1"})
	}
	list = append(list,
		scenario{
			name: "self-issued CAs count for no path length", drawing: "edge <- ca~1 <- ca", settings: settings(with("ca", pkitest.PathLength(0))),
			uploaded: "ca", presented: "edge ca~1", want: "pki: edge <- ca~1 <- ca",
		},
		scenario{
			name: "a root without basic constraints", drawing: "edge <- root", settings: settings(with("root", pkitest.NoBasicConstraints())),
			uploaded: "root", presented: "edge", want: "pki: edge <- root",
		},
		scenario{
			name: "an intermediate without basic constraints", drawing: chain, settings: settings(with("issuing", pkitest.NoBasicConstraints())),
			uploaded: "root", presented: "edge issuing", want: "refused", codes: "not_a_ca",
		},
		scenario{
			name: "an expired CA that is named by its serial number", drawing: chain, settings: settings(with("root", pkitest.ExpiredFor(time.Hour), serial(7)), with("issuing", namesSerial(7))),
			uploaded: "root", presented: "edge issuing", want: "refused", codes: "expired",
		},
	)
	return append(named("openssl: ", hybrid(), list), goScenarios()...)
}

// goScenarios are the same oddities where crypto/x509 decides.
func goScenarios() []scenario {
	const trusted = "pki: edge <- issuing <- root"
	rsaCA := with("issuing", pkitest.Algorithm(pki.RSA2048))
	list := []scenario{
		{name: "an authority key id with another serial number", settings: settings(with("issuing", serial(8)), with("edge", namesSerial(7))), want: trusted, codes: "key_id_mismatch?"},
		{name: "a Netscape type for servers", settings: settings(with("edge", netscape(0x40))), want: trusted},
		{name: "signed with SHA-224", settings: settings(with("edge", sha224())), want: "refused", codes: "unknown_algorithm"},
		{name: "signed with RSASSA-PSS and a salt of 20 bytes", settings: settings(rsaCA, with("edge", saltOf(20))), want: "refused", codes: "unknown_algorithm"},
		{name: "an RSA key for only RSASSA-PSS", settings: settings(with("edge", pkitest.Algorithm(pki.RSA2048), pkitest.KeyAlgorithm(algorithm(1, 2, 840, 113549, 1, 1, 10)))), want: trusted, codes: "unknown_algorithm?"},
		{name: "critical constraints on directory names", settings: settings(with("issuing", onlyDirectory("EDGE"))), want: "refused", codes: "unknown_critical_extension"},
		{name: "every DNS name is excluded", settings: settings(with("root", pkitest.Excluded(dns(""))), with("edge", pkitest.DNS("a.example"))), want: "refused", codes: "name_excluded"},
	}
	for i := range list {
		list[i].name = "go: " + list[i].name
		list[i].drawing, list[i].uploaded, list[i].presented = chain, "root", "edge issuing"
	}
	exponent := settings(with("edge", pkitest.Algorithm(pki.RSA2048), pkitest.PublicExponent(1)))
	return append(list,
		scenario{name: "go: a pin with a public exponent of 1", drawing: chain, settings: exponent, uploaded: "edge", presented: "edge", want: "refused", codes: "unusable_key"},
		scenario{name: "shared: a pin with a public exponent of 1", drawing: chain, settings: exponent, uploaded: "edge", presented: "edge", options: shared(), want: "refused", codes: "unusable_key"},
		scenario{
			name: "shared: a pin with dates with an offset", drawing: chain, settings: settings(with("edge", pkitest.DatesWithOffset())),
			uploaded: "edge", presented: "edge", options: shared(), want: "pinned: edge", codes: "malformed_certificate?",
		},
	)
}

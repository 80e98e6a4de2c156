package pki_test

import (
	"bytes"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

const keysMeant = "; RSA, ECDSA on P-256, P-384 or P-521, or Ed25519 is meant"

// otherKeys are kinds of keys that are not taken: what makes one, and how it is
// named.
func otherKeys() map[string]struct{ make, kind string } {
	const ec = "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:"
	return map[string]struct{ make, kind string }{
		"Ed448":           {"genpkey -algorithm ED448", "an Ed448 key"},
		"X25519":          {"genpkey -algorithm X25519", "an X25519 key, which cannot sign"},
		"X448":            {"genpkey -algorithm X448", "an X448 key, which cannot sign"},
		"RSASSA-PSS":      {"genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048", "an RSASSA-PSS key, an RSA key that is restricted to one kind of signature"},
		"secp256k1":       {ec + "secp256k1", "an EC key on the curve secp256k1"},
		"brainpoolP256r1": {ec + "brainpoolP256r1", "an EC key on the curve brainpoolP256r1"},
		"brainpoolP384r1": {ec + "brainpoolP384r1", "an EC key on the curve brainpoolP384r1"},
		"brainpoolP512t1": {ec + "brainpoolP512t1", "an EC key on the curve brainpoolP512t1"},
		"P-192":           {ec + "prime192v1", "an EC key on the curve P-192 (prime192v1)"},
		"sect283r1":       {ec + "sect283r1", "an EC key on the curve sect283r1"},
		"SM2":             {"genpkey -algorithm SM2", "an EC key on the curve SM2"},
		"a rare curve":    {ec + "secp128r1", "an EC key on the curve 1.3.132.0.28"},
		"DH":              {"genpkey -algorithm DH -pkeyopt group:ffdhe2048", "a Diffie-Hellman key, which cannot sign"},
	}
}

// TestPrivateKeysOfOtherKinds: a sound key of a kind that is not taken is named.
func TestPrivateKeysOfOtherKinds(t *testing.T) {
	t.Parallel()
	for name, row := range otherKeys() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			key := openssl(t, "", strings.Fields(row.make)...)
			refusedAsOther(t, key, "PEM block 1 (PRIVATE KEY) holds "+row.kind+keysMeant)
			if strings.HasPrefix(row.kind, "an EC key") && name != "SM2" {
				refusedAsOther(t, openssl(t, key, "ec"), "PEM block 1 (EC PRIVATE KEY) holds "+row.kind+keysMeant)
			}
		})
	}
	t.Run("DSA", func(t *testing.T) {
		t.Parallel()
		parameters := openssl(t, "", "dsaparam", "1024")
		key := openssl(t, parameters, "gendsa", "/dev/stdin")
		refusedAsOther(t, key, "PEM block 1 (PRIVATE KEY) holds a DSA key"+keysMeant)
		older := openssl(t, key, "pkey", "-traditional")
		refusedAsOther(t, older, "PEM block 1 (DSA PRIVATE KEY) holds a DSA key"+keysMeant)
		refusedAsOther(t, parameters+older, "PEM block 1 (DSA PARAMETERS) holds a DSA key"+keysMeant)
	})
}

func refusedAsOther(t *testing.T, text, want string) {
	t.Helper()
	key, err := pki.ParsePrivateKey(text)
	if err == nil || err.Error() != want || key != nil {
		t.Errorf("key %t, error\n  %v\nwant\n  %s", key != nil, err, want)
	}
	if _, is := errors.AsType[*pki.OtherKeyError](err); !is {
		t.Errorf("%v is not an OtherKeyError", err)
	}
}

// TestExplicitCurves: the command of the message mends the key.
func TestExplicitCurves(t *testing.T) {
	t.Parallel()
	for _, curve := range []string{"P-256", "P-384", "P-521"} {
		written := openssl(t, "", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:"+curve, "-pkeyopt", "ec_param_enc:explicit")
		const mend = ": the curve is written out instead of named; openssl ec -param_enc named_curve -in FILE names it"
		refusedAsOther(t, written, "PEM block 1 (PRIVATE KEY) holds an EC key with explicit parameters"+mend)
		refusedAsOther(t, openssl(t, written, "ec"), "PEM block 1 (EC PRIVATE KEY) holds an EC key with explicit parameters"+mend)
		mended, err := pki.ParsePrivateKey(openssl(t, written, "ec", "-param_enc", "named_curve"))
		if err != nil || string(pki.AlgorithmOf(mended.Public())) != "ECDSA-"+strings.Replace(curve, "-", "", 1) {
			t.Errorf("%s: %v", curve, err)
		}
	}
}

// TestRequestsAndCertificatesOfOtherKeys name the key too, whether crypto/x509
// reads them or not.
func TestRequestsAndCertificatesOfOtherKeys(t *testing.T) {
	t.Parallel()
	for name, row := range otherKeys() {
		if strings.Contains(row.kind, "cannot sign") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "key.pem")
			if err := os.WriteFile(file, []byte(openssl(t, "", strings.Fields(row.make)...)), 0o600); err != nil {
				t.Fatal(err)
			}
			request, err := pki.ParseCSR(openssl(t, "", "req", "-new", "-key", file, "-subj", "/CN=edge"))
			if err == nil {
				err = pki.CheckKeyKind(request.RawSubjectPublicKeyInfo)
			}
			namesKind(t, "request", err, row.kind)
			certificate, err := pki.ParseCertificate(openssl(t, "", "req", "-x509", "-key", file, "-subj", "/CN=edge"))
			if err == nil {
				err = pki.CheckKeyKind(certificate.RawSubjectPublicKeyInfo)
			}
			namesKind(t, "certificate", err, row.kind)
		})
	}
}

func namesKind(t *testing.T, what string, err error, kind string) {
	t.Helper()
	if other, is := errors.AsType[*pki.OtherKeyError](err); !is || other.Kind != kind {
		t.Errorf("%s: error %v, want one that names %s", what, err, kind)
	}
}

// TestKeysUnderOtherLabels: as for OpenSSL, what a block holds counts.
func TestKeysUnderOtherLabels(t *testing.T) {
	t.Parallel()
	ec8 := openssl(t, "", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
	rsa8 := openssl(t, "", "genpkey", "-algorithm", "RSA")
	ec1, rsa1 := openssl(t, ec8, "ec"), openssl(t, rsa8, "rsa", "-traditional")
	encrypted := openssl(t, ec8, "pkey", "-aes256", "-passout", "pass:secret")
	parameters := openssl(t, "", "ecparam", "-name", "prime256v1")
	as := func(label, text string) string {
		block, _ := pem.Decode([]byte(text))
		return pemBlock(label, block.Bytes)
	}
	whole, _ := pem.Decode([]byte(ec8))
	half := pemBlock("PRIVATE KEY", whole.Bytes[:60])
	for name, row := range map[string]struct {
		text, want string
		openssl    bool
	}{
		"PKCS#1 as PKCS#8":           {as("PRIVATE KEY", rsa1), "", true},
		"SEC 1 as PKCS#8":            {as("PRIVATE KEY", ec1), "", true},
		"PKCS#8 as PKCS#1":           {as("RSA PRIVATE KEY", rsa8), "", true},
		"PKCS#8 as SEC 1":            {as("EC PRIVATE KEY", ec8), "", true},
		"PKCS#8 of EC as PKCS#1":     {as("RSA PRIVATE KEY", ec8), "", true},
		"PKCS#8 as encrypted":        {as("ENCRYPTED PRIVATE KEY", ec8), "", true},
		"a byte order mark":          {"\ufeff" + ec8, "", true},
		"parameters before PKCS#8":   {parameters + ec8, "", true},
		"bytes behind it":            {pemBlock("PRIVATE KEY", append(bytes.Clone(whole.Bytes), 0, 0)), "", true},
		"text around it":             {openssl(t, ec8, "pkey", "-text"), "", true},
		"SEC 1 as PKCS#1":            {as("RSA PRIVATE KEY", ec1), "PEM block 1 (RSA PRIVATE KEY) holds an EC key: write EC PRIVATE KEY in its BEGIN and END lines", false},
		"PKCS#1 as SEC 1":            {as("EC PRIVATE KEY", rsa1), "PEM block 1 (EC PRIVATE KEY) holds an RSA key: write RSA PRIVATE KEY in its BEGIN and END lines", false},
		"another label":              {as("ANY PRIVATE KEY", ec8), "PEM block 1 (ANY PRIVATE KEY) is not a private key by its label, but by its content: write PRIVATE KEY in its BEGIN and END lines", false},
		"the label of an algorithm":  {as("ED25519 PRIVATE KEY", ec8), "PEM block 1 (ED25519 PRIVATE KEY) is not a private key by its label, but by its content: write PRIVATE KEY in its BEGIN and END lines", false},
		"encrypted":                  {encrypted, pki.ErrEncryptedKey.Error(), false},
		"encrypted as PKCS#8":        {as("PRIVATE KEY", encrypted), pki.ErrEncryptedKey.Error(), false},
		"encrypted as RFC 1421 does": {openssl(t, rsa8, "rsa", "-traditional", "-aes256", "-passout", "pass:secret"), pki.ErrEncryptedKey.Error(), false},
		"a public key as private":    {as("PRIVATE KEY", openssl(t, ec8, "pkey", "-pubout")), "PEM block 1 (PRIVATE KEY) is not a private key, as its label says, but holds a public key", false},
		"half of it":                 {half, "PEM block 1 (PRIVATE KEY) is cut off: 60 of its 138 bytes are there", false},
		"base64 of it":               {wrapped(base64.StdEncoding.EncodeToString([]byte(ec8))), "no PEM block: the value looks like base64 of PEM: base64decode(...)", false},
		"a PKCS#11 URI":              {"pkcs11:token=ca;object=root;type=private", "no PEM block: the value is a PKCS#11 URI, which names a key and does not hold it", false},
		"PuTTY's form":               {"PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\n", "no PEM block: the value is a key of PuTTY: puttygen FILE -O private-openssh-new -o NEW exports it, and ssh-keygen -p -m PKCS8 -f NEW rewrites that", false},
		"the form of SSH2":           {"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nP2/56wAAA\n---- END SSH2 ENCRYPTED PRIVATE KEY ----\n", "no PEM block: the value is a key in the format of SSH2: ssh-keygen -i -f FILE reads it", false},
		"a key that needs a TPM":     {pemBlock("TSS2 PRIVATE KEY", []byte{0x30, 0}), "PEM block 1 (TSS2 PRIVATE KEY) is not a private key but a key that only one TPM can use", false},
		"a CSR's file with its key":  {ec8 + signingRequest(t), "PEM block 2 (CERTIFICATE REQUEST) is not a private key but a certificate request, which has not been signed yet", true},
		"nothing between its marks":  {pemBlock("PRIVATE KEY", nil), "PEM block 1 (PRIVATE KEY) has nothing between BEGIN and END", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			key, err := pki.ParsePrivateKey(row.text)
			told := ""
			if err != nil {
				told = err.Error()
			}
			if told != row.want || (key == nil) == (row.want == "") {
				t.Errorf("key %t, error\n  %s\nwant\n  %s", key != nil, told, row.want)
			}
			if reads := opensslReads(t, "pkey", row.text); reads != row.openssl {
				t.Errorf("openssl reads it is %t, want %t", reads, row.openssl)
			}
		})
	}
}

package signer_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	encoding "encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// The test's own binary is the program that signs, so that the tests run on every
// system: "sign", how, the file of the key.
func TestMain(m *testing.M) {
	log.SetFlags(0)
	if len(os.Args) > 3 && os.Args[1] == "sign" {
		if err := sign(os.Args[2], os.Args[3], os.Args[4:]); err != nil {
			log.Fatal(err)
		}
		return
	}
	m.Run()
}

// hashes are those of the protocol.
var hashes = map[string]crypto.Hash{"SHA256": crypto.SHA256, "SHA384": crypto.SHA384, "SHA512": crypto.SHA512, "": 0}

// sign is a program that signs, or does one of the many other things that programs
// do.
func sign(how, keyFile string, arguments []string) error {
	text, err := os.ReadFile(keyFile)
	if err != nil {
		return err
	}
	key, err := pki.ParsePrivateKey(string(text))
	if err != nil {
		return err
	}
	hash, known := hashes[os.Getenv("MTLS_SIGNER_HASH")]
	if !known || os.Getenv("MTLS_SIGNER_VERSION") != "1" {
		return fmt.Errorf("not asked in the protocol's version 1")
	}
	if how == "silent" || how == "slow" || how == "words" || how == "flood" || how == "key" || how == "escape" {
		return misbehave(how, arguments)
	}
	input, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	var opts crypto.SignerOpts = hash
	switch how {
	case "another message":
		input = bytes.Repeat([]byte{1}, len(input))
	case "twice":
		again := hash.New()
		again.Write(input)
		input = again.Sum(nil)
	case "pss":
		opts = &rsa.PSSOptions{Hash: hash, SaltLength: rsa.PSSSaltLengthEqualsHash}
	case "no prefix":
		opts = crypto.Hash(0)
	}
	signature, err := key.Sign(rand.Reader, input, opts)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(form(how, key, signature))
	return err
}

// form is a signature as programs write it.
func form(how string, key crypto.Signer, signature []byte) []byte {
	switch how {
	case "line":
		return append(signature, '\n')
	case "base64":
		return []byte(base64.StdEncoding.EncodeToString(signature) + "\n")
	case "wrapped":
		var text strings.Builder
		for i, r := range base64.StdEncoding.EncodeToString(signature) {
			if i%64 == 0 && i > 0 {
				text.WriteString("\r\n")
			}
			text.WriteRune(r)
		}
		return []byte(text.String())
	case "url":
		return []byte(base64.RawURLEncoding.EncodeToString(signature))
	case "raw":
		return pair(key, signature)
	case "raw base64":
		return []byte(base64.StdEncoding.EncodeToString(pair(key, signature)))
	case "garbage":
		return []byte("Using slot 0 with a present token (0x1)\n")
	case "half":
		return signature[:len(signature)/2]
	}
	return signature
}

// pair is an ECDSA signature as r and s.
func pair(key crypto.Signer, signature []byte) []byte {
	public, is := key.Public().(*ecdsa.PublicKey)
	if !is {
		return signature
	}
	var values struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(signature, &values); err != nil {
		return nil
	}
	size := (public.Params().N.BitLen() + 7) / 8
	return append(values.R.FillBytes(make([]byte, size)), values.S.FillBytes(make([]byte, size))...)
}

// misbehave does what is no signing.
func misbehave(how string, arguments []string) error {
	switch how {
	case "slow":
		if len(arguments) > 0 {
			if err := os.WriteFile(arguments[0], []byte("begun"), 0o600); err != nil {
				return err
			}
		}
		time.Sleep(time.Hour)
	case "words":
		return fmt.Errorf("%s\nCKR_PIN_INCORRECT: the PIN is wrong", strings.Repeat("session opened. ", 200))
	case "escape":
		return fmt.Errorf("\x1b[31mred\x1b[0m \x07 \xff")
	case "flood":
		line := bytes.Repeat([]byte("x"), 4096)
		for {
			if _, err := os.Stdout.Write(line); err != nil {
				time.Sleep(time.Hour) // what is ended must not depend on it
			}
		}
	case "key":
		key, err := pki.GenerateKey(pki.ECDSAP256)
		if err != nil {
			return err
		}
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			return err
		}
		return fmt.Errorf("%s", encoding.EncodeToMemory(&encoding.Block{Type: "PRIVATE KEY", Bytes: der}))
	}
	return nil
}

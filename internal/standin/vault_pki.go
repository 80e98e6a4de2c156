package standin

import (
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// vaultSign is a certificate that Vault's PKI engine signs for a CSR, by a role of
// Vault's own defaults: for clients and servers, with the names of the CSR, and the
// common name of the argument. Another CSR is another certificate. Its CA is in the
// store, and made with the first certificate.
func vaultSign(kept store) keeper {
	stays := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	names := schema.ListAttribute{ElementType: types.StringType, Optional: true}
	return keeper{
		store: kept, name: "vault_pki_secret_backend_sign", id: newID, inStateOnly: true,
		attributes: map[string]schema.Attribute{
			"backend":               schema.StringAttribute{Required: true, PlanModifiers: replaced()},
			"name":                  schema.StringAttribute{Required: true, PlanModifiers: replaced()},
			"csr":                   schema.StringAttribute{Required: true, PlanModifiers: replaced()},
			"common_name":           schema.StringAttribute{Required: true, PlanModifiers: replaced()},
			"alt_names":             names,
			"other_sans":            names,
			"ip_sans":               names,
			"uri_sans":              names,
			"ttl":                   schema.StringAttribute{Optional: true, PlanModifiers: replaced()},
			"not_after":             schema.StringAttribute{Optional: true, PlanModifiers: replaced()},
			"format":                schema.StringAttribute{Optional: true, PlanModifiers: replaced()},
			"exclude_cn_from_sans":  schema.BoolAttribute{Optional: true, PlanModifiers: []planmodifier.Bool{boolplanmodifier.RequiresReplace()}},
			"issuer_ref":            schema.StringAttribute{Optional: true},
			"auto_renew":            schema.BoolAttribute{Optional: true},
			"min_seconds_remaining": schema.Int64Attribute{Optional: true},
			"namespace":             schema.StringAttribute{Optional: true, PlanModifiers: replaced()},
			"cert_metadata":         schema.StringAttribute{Optional: true},

			"certificate":   schema.StringAttribute{Computed: true, PlanModifiers: stays},
			"issuing_ca":    schema.StringAttribute{Computed: true, PlanModifiers: stays},
			"serial_number": schema.StringAttribute{Computed: true, PlanModifiers: stays},
		},
		answers: signAsVault,
	}
}

// signAsVault signs the CSR of an object.
func signAsVault(kept store, object map[string]any) (map[string]any, error) {
	ca, key, err := vaultCA(kept.folder)
	if err != nil {
		return nil, err
	}
	csr, err := pki.ParseCSR(text(object, "csr", ""))
	if err != nil {
		return nil, err
	}
	if err := csr.CheckSignature(); err != nil {
		return nil, err
	}
	life, err := time.ParseDuration(text(object, "ttl", "768h"))
	if err != nil {
		return nil, err
	}
	name, now := text(object, "common_name", ""), time.Now() //nolint:forbidigo // a service has a clock of its own
	template := &x509.Certificate{
		SerialNumber: newSerial(), Subject: pkix.Name{CommonName: name}, NotBefore: now.Add(-30 * time.Second), NotAfter: now.Add(life),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment | x509.KeyUsageKeyAgreement, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		DNSNames: csr.DNSNames, IPAddresses: csr.IPAddresses, URIs: csr.URIs, EmailAddresses: csr.EmailAddresses,
	}
	if without, _ := object["exclude_cn_from_sans"].(bool); !without {
		template.DNSNames = append([]string{name}, template.DNSNames...)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca, csr.PublicKey, key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"certificate": pki.EncodeCertificates(certificate), "issuing_ca": pki.EncodeCertificates(ca), "serial_number": pki.SerialNumber(certificate),
	}, nil
}

func newSerial() *big.Int {
	var number [16]byte
	_, _ = rand.Read(number[:]) // it never fails
	return new(big.Int).SetBytes(number[:])
}

// vaultCA is the CA of the store, which is made if there is none.
func vaultCA(folder string) (*x509.Certificate, any, error) {
	if folder == "" {
		return nil, nil, errors.New("STANDIN_STORE names no folder to keep the CA in")
	}
	file := filepath.Join(folder, "vault-pki.pem")
	bundle, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		if err = makeVaultCA(file); err == nil {
			bundle, err = os.ReadFile(file)
		}
	}
	if err != nil {
		return nil, nil, err
	}
	first, rest := pem.Decode(bundle)
	second, _ := pem.Decode(rest)
	if first == nil || second == nil {
		return nil, nil, fmt.Errorf("%s is damaged", file)
	}
	ca, err := x509.ParseCertificate(first.Bytes)
	if err != nil {
		return nil, nil, err
	}
	key, err := x509.ParsePKCS8PrivateKey(second.Bytes)
	return ca, key, err
}

// makeVaultCA makes a CA, unless another process does meanwhile.
func makeVaultCA(file string) error {
	key, err := pki.GenerateKey(pki.ECDSAP256)
	if err != nil {
		return err
	}
	now := time.Now() //nolint:forbidigo // a service has a clock of its own
	template := &x509.Certificate{
		SerialNumber: newSerial(), Subject: pkix.Name{CommonName: "Vault Root"}, NotBefore: now.Add(-time.Minute), NotAfter: now.Add(87600 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	ca, err := x509.ParseCertificate(der)
	if err != nil {
		return err
	}
	private, err := pki.EncodePrivateKey(key)
	if err != nil {
		return err
	}
	made := file + "." + rand.Text()
	if err := os.WriteFile(made, []byte(pki.EncodeCertificates(ca)+private), 0o600); err != nil {
		return err
	}
	defer func() { _ = os.Remove(made) }()
	if err := os.Link(made, file); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return nil
}

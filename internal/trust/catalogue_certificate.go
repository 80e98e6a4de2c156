package trust

// certificateCodes is about single certificates.
func certificateCodes() []Explanation {
	return []Explanation{
		{
			Code: Expired, Severities: []Severity{Error}, Title: "Certificate has expired",
			Cause:  "The time of validation is after the certificate's expiry. Expiry is checked for every certificate on a path, including the anchor, and for pins.",
			Remedy: "Renew it. What a CA issued continues to be accepted if the CA is renewed with the same key.",
		},
		{
			Code: NotYetValid, Severities: []Severity{Error}, Title: "Certificate is not valid yet",
			Cause:  "The time of validation is before the certificate becomes valid. Often a clock is wrong.",
			Remedy: "Wait, check the clocks, or issue it with an earlier start.",
		},
		{
			Code: EndsTooSoon, Severities: []Severity{Error}, Title: "Path ends sooner than required",
			Cause:  "The verifier accepts the path today, but a certificate on it ends before the time that require_valid_for asks for.",
			Remedy: "Renew the certificate that is named.",
		},
		{
			Code: UnknownCriticalExtension, Severities: []Severity{Error, Warning}, Title: "Critical extension is not understood",
			Cause:  "According to RFC 5280, 4.2, software that does not understand a critical extension must refuse the certificate. On a pin, which is only compared, it is a warning.",
			Remedy: "Have it issued without the extension, or with the extension marked non-critical.",
		},
		{
			Code: WeakKey, Severities: []Severity{Error, Warning}, Title: "Key is too weak",
			Cause:  "RSA below 2048 bits, or a curve below P-256. It is an error where OpenSSL's security level 2 refuses the key, and where crypto/x509 does (RSA below 1024 bits as an issuer); Konnect publishes no limit, so there it is a warning.",
			Remedy: "Issue the certificate with a new key: ECDSA P-256, or RSA with at least 2048 bits.",
		},
		{
			Code: UnusableKey, Severities: []Severity{Error}, Title: "Key cannot be used",
			Cause:  "The public exponent of an RSA key is 1, so that everybody can make its signatures, or even, so that nobody can.",
			Remedy: "Issue the certificate with a new key.",
		},
		{
			Code: MalformedCertificate, Severities: []Severity{Error, Warning}, Title: "Certificate is not well-formed",
			Cause:  "crypto/x509 reads the certificate and OpenSSL does not: its dates are without seconds or with an offset, or an extension that OpenSSL looks into cannot be read, such as the authority key identifier, CRL distribution points or alternative names of a rare kind. On a pin that is only compared it is a warning.",
			Remedy: "Have it issued again as RFC 5280 has it.",
		},
	}
}

// nameCodes is about what certificates are called.
func nameCodes() []Explanation {
	return []Explanation{
		{
			Code: NameExcluded, Severities: []Severity{Error}, Title: "Name is excluded by a CA",
			Cause:  "A name of the certificate is inside what the name constraints of a CA above it exclude.",
			Remedy: "Issue the certificate without that name, or from another CA.",
		},
		{
			Code: NameNotPermitted, Severities: []Severity{Error, Warning}, Title: "Name is not permitted by a CA",
			Cause: "A CA above the certificate permits only some names of this kind, and this name is outside of them. " +
				"As a warning, for Konnect: OpenSSL finds it outside and crypto/x509 within, since a host in a constraint on e-mail addresses or URIs is that host only to OpenSSL, and everything below it too to crypto/x509.",
			Remedy: "Issue the certificate with a permitted name, or from another CA.",
		},
		{
			Code: NameNotComparable, Severities: []Severity{Error}, Title: "Name cannot be compared",
			Cause:  "A CA above the certificate constrains names of this kind, and this one is of a form that can be inside nothing and outside nothing, such as a URI without a host. Whoever cannot compare must refuse.",
			Remedy: "Issue the certificate without that name, or from another CA.",
		},
		{
			Code: ServerNameMismatch, Severities: []Severity{Error}, Title: "Certificate is for another server name",
			Cause: "A data plane looks for a name in its control plane's certificate: kong_clustering with cluster_mtls = shared, otherwise cluster_server_name or the host of cluster_control_plane. " +
				"It looks among the alternative DNS names; at the common name only if there are none; and never at IP addresses. A wildcard stands for one label.",
			Remedy: "Issue the control plane's certificate with that DNS name, or set cluster_server_name to a name that it has.",
		},
	}
}

// rightCodes is about what certificates may do.
func rightCodes() []Explanation {
	return []Explanation{
		{
			Code: NotACA, Severities: []Severity{Error}, Title: "Issuer is not a CA",
			Cause:  "The path uses a certificate as an issuer, but its basic constraints do not say that it is a CA, or it has none (RFC 5280, 4.2.1.9).",
			Remedy: "Have a CA issue what is below it, or re-issue it as a CA.",
		},
		{
			Code: MayNotSign, Severities: []Severity{Error}, Title: "CA may not sign certificates",
			Cause:  "The certificate has a key usage without keyCertSign (RFC 5280, 4.2.1.3).",
			Remedy: "Re-issue the CA with keyCertSign and the same key.",
		},
		{
			Code: PathLengthExceeded, Severities: []Severity{Error}, Title: "Path length exceeded",
			Cause:  "There are more intermediate CAs below this one than its path length constraint allows (RFC 5280, 4.2.1.9).",
			Remedy: "Issue the leaf from a CA closer to it, or re-issue it with a larger path length.",
		},
		{
			Code: TooManyIntermediates, Severities: []Severity{Error}, Title: "Too many intermediates",
			Cause: "The path has more intermediates than the verifier follows. Self-hosted Kong sets ssl_verify_depth to 4 for data planes. " +
				"The default of ssl_verify_depth in nginx, and of lua_ssl_verify_depth with which a data plane judges its control plane, is 1.",
			Remedy: "Raise the setting where you can, or issue the leaf from a CA closer to the root.",
		},
		{
			Code: ChainTooLong, Severities: []Severity{Error}, Title: "Chain is longer than Apache takes",
			Cause:  "SSLVerifyDepth of Apache counts every CA above the leaf, the root too. With its default of 1, a leaf below an intermediate is refused.",
			Remedy: "Set SSLVerifyDepth to the number of CAs on the path.",
		},
	}
}

// purposeCodes is about what certificates are for, and what the verifier itself
// refuses.
func purposeCodes() []Explanation {
	return []Explanation{
		{
			Code: WrongPurpose, Severities: []Severity{Error, Warning}, Title: "Purpose is wrong or missing",
			Cause: "The extended key usages do not include the required purpose: client authentication for a data plane or another client, server authentication for a control plane that a data plane judges. " +
				"A CA that lists purposes does not permit any others. On a pin, which is only compared, it is a warning.",
			Remedy: "Issue the certificate with that purpose in its extended key usages.",
		},
		{
			Code: WrongKeyUsage, Severities: []Severity{Error, Warning}, Title: "Leaf may not sign the TLS handshake",
			Cause:  "The key usage allows neither digital signatures nor key agreement, nor, for a server, key encipherment. It is an error where OpenSSL decides, which looks at it.",
			Remedy: "Issue the leaf with digitalSignature in its key usage.",
		},
		{
			Code: PolicyNotSatisfied, Severities: []Severity{Error}, Title: "Required policy is missing",
			Cause:  "A CA on the path requires an explicit certificate policy, but the path has none that all its CAs assert (RFC 5280, 6.1.5).",
			Remedy: "Issue the chain with the policies that its CAs require.",
		},
		{
			Code: RefusedByVerifier, Severities: []Severity{Error}, Title: "Refused for another reason",
			Cause:  "The verifier's library, crypto/x509 or OpenSSL, refuses the path for a reason that has no code of its own; the detail says which.",
			Remedy: "Follow the message; usually the certificate that it names has to be issued again.",
		},
	}
}

// revocationCodes is about revocation lists.
func revocationCodes() []Explanation {
	return []Explanation{
		{
			Code: Revoked, Severities: []Severity{Error}, Title: "Certificate is revoked",
			Cause:  "A revocation list of the certificate's issuer contains its serial number.",
			Remedy: "Issue a new certificate with a new key, and stop using the revoked one.",
		},
		{
			Code: RevocationListStale, Severities: []Severity{Error, Warning}, Title: "Revocation list is out of date",
			Cause:  "The next list was due before the time of validation, or the list was issued after it. nginx, HAProxy and Apache refuse everybody then. Elsewhere it is a warning: what it revokes still counts, but newer revocations are missing.",
			Remedy: "Download the current list.",
		},
		{
			Code: RevocationListForeign, Severities: []Severity{Warning}, Title: "Revocation list of another issuer",
			Cause:  "No issuer on the path signed the list, so it revokes nothing there.",
			Remedy: "Provide the lists of the CAs on the path.",
		},
		{
			Code: RevocationListUnsigned, Severities: []Severity{Warning}, Title: "Revocation list is ignored",
			Cause:  "The list names an issuer on the path whose key did not sign it, or one whose key usage lacks `cRLSign`. It is ignored.",
			Remedy: "Download the list again from its issuer, or renew the CA with the key usage `cRLSign`.",
		},
		{
			Code: RevocationListPartial, Severities: []Severity{Warning}, Title: "Revocation list is partial",
			Cause: "The list has a critical extension: it only contains changes, or only covers a part of the issuer's certificates, or the extension is not understood. " +
				"What it revokes counts.",
			Remedy: "Provide the issuer's complete list as well.",
		},
		{
			Code: RevocationListMissing, Severities: []Severity{Warning}, Title: "No list of the leaf's issuer",
			Cause:  "Revocation lists are given, but none of the CA that issued the leaf, so it is not known whether the leaf is revoked.",
			Remedy: "Give the current list of that CA as well.",
		},
		{
			Code: RevocationListUnusable, Severities: []Severity{Warning}, Title: "Revocation list cannot be read",
			Cause:  "A revocation list is one that crypto/x509 does not read, such as one with a date in another form than RFC 5280 has it. It is skipped, so what it revokes is not known.",
			Remedy: "Download the list again from its issuer, or have it made as RFC 5280 has it.",
		},
		{
			Code: RevocationUnknown, Severities: []Severity{Error, Warning}, Title: "Revocation status is not known",
			Cause: "Once nginx, HAProxy or Apache have any revocation list, they need a current one of every CA on the path, the root's too: all or nothing. " +
				"It is a warning where a control plane asks an OCSP responder, whose answer nobody knows at plan.",
			Remedy: "Provide the current list of every CA, or make sure that the responder is reached.",
		},
		{
			Code: RevocationScope, Severities: []Severity{Error}, Title: "Revocation list is of another scope",
			Cause: "The list has an issuing distribution point, and OpenSSL takes it only for certificates of that kind which name one of its URLs in their CRL distribution points. " +
				"This certificate does not, so nginx, HAProxy and Apache refuse it.",
			Remedy: "Issue the certificate with the list's URL in `crl_distribution_points`, or make the list without `issuing_distribution_points`.",
		},
		{
			Code: OCSPServerMissing, Severities: []Severity{Error, Warning}, Title: "Leaf names no OCSP responder",
			Cause:  "With cluster_ocsp = on, Kong asks the responder that the data plane's certificate names, and refuses if there is none. With optional it accepts, and OCSP never works for this certificate: a warning.",
			Remedy: "Issue the certificate with ocsp_servers.",
		},
		{
			Code: OCSPIssuerMissing, Severities: []Severity{Error, Warning}, Title: "Issuer is not presented for OCSP",
			Cause:  "Kong needs the issuer as the second certificate of the presented chain to ask for the status of the first, even if that issuer is uploaded. With cluster_ocsp = on it refuses, with optional it accepts unchecked: a warning.",
			Remedy: "Present the issuer after the leaf.",
		},
	}
}

// tidinessCodes is about what is there needlessly, and about bounds.
func tidinessCodes() []Explanation {
	return []Explanation{
		{
			Code: ChainOutOfOrder, Severities: []Severity{Error, Warning}, Title: "Chain is out of order",
			Cause:  "A CA comes first, before what it issued: that is an error, since the private key belongs to the leaf, which has to be first. Or another issuer comes before what it issued: that is a warning, since the order does not matter here, but some TLS peers insist on it.",
			Remedy: "Present the leaf first, then its issuer, then the issuer's issuer.",
		},
		{
			Code: PresentedUnused, Severities: []Severity{Warning}, Title: "Presented certificate is not needed",
			Cause:  "It is not an issuer of the leaf, or of any certificate above it.",
			Remedy: "Remove it from the presented chain.",
		},
		{
			Code: RootPresented, Severities: []Severity{Warning}, Title: "Root does not need to be presented",
			Cause:  "A control plane trusts its own copy of a root, never the presented one.",
			Remedy: "Present the leaf and its intermediates without the root.",
		},
		{
			Code: PresentedTwice, Severities: []Severity{Warning}, Title: "Certificate is presented twice",
			Cause:  "One certificate is in the presented chain more than once.",
			Remedy: "Present each certificate once.",
		},
		{
			Code: UploadedTwice, Severities: []Severity{Warning}, Title: "Certificate is uploaded twice",
			Cause:  "One certificate is uploaded more than once.",
			Remedy: "Upload each certificate once.",
		},
		{
			Code: TooManyUploads, Severities: []Severity{Warning}, Title: "More uploads than the control plane takes",
			Cause: "A control plane in Konnect takes 32 data plane certificates by default, pins and CAs, current and earlier generations alike. " +
				"Konnect refuses the next upload, in the middle of a rotation.",
			Remedy: "Delete uploads that no data plane needs any more, shorten `overlap`, or upload a CA instead of a pin for each data plane. Kong's support can raise the limit.",
		},
		{
			Code: LimitReached, Severities: []Severity{Error, Warning}, Title: "A limit was reached",
			Cause: "There are so many certificates, or so many links between them, that the search stopped at a limit. The explanation may be incomplete. " +
				"It is an error if no path was found and nothing else is known to be wrong.",
			Remedy: "Upload and present fewer certificates of the same name, and none that the chain does not need.",
		},
		{
			Code: FindingsLeftOut, Severities: []Severity{Warning}, Title: "More findings are not shown",
			Cause:  "There are more findings than a reader can use.",
			Remedy: "Fix what is shown, then check again.",
		},
	}
}

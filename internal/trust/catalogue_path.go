package trust

// inputCodes is about questions that cannot be answered as asked.
func inputCodes() []Explanation {
	return []Explanation{
		{
			Code: UnknownVerifier, Severities: []Severity{Error}, Title: "No such verifier",
			Cause:  "No verifier has this name.",
			Remedy: "Name one of the verifiers that the documentation lists.",
		},
		{
			Code: InstantMissing, Severities: []Severity{Error}, Title: "No time to validate at",
			Cause:  "A verdict is only true at a given time, and no time is set.",
			Remedy: "Set the time, for example to now.",
		},
		{
			Code: InvalidOption, Severities: []Severity{Error}, Title: "Option does not fit the verifier",
			Cause:  "A setting is given that the verifier does not have, or with a value that it cannot have, or one that it needs is missing.",
			Remedy: "Give the settings that the verifier has.",
		},
		{
			Code: NothingPresented, Severities: []Severity{Error}, Title: "Nothing is presented",
			Cause:  "The presented chain contains no certificate, or its first certificate is unreadable.",
			Remedy: "Present the data plane's certificate, followed by its intermediates.",
		},
		{
			Code: NothingUploaded, Severities: []Severity{Error}, Title: "Nothing is uploaded",
			Cause:  "A verifier without any certificate trusts no one.",
			Remedy: "Upload the leaf itself to pin it, or a CA that it leads to.",
		},
		{
			Code: UnusableCertificate, Severities: []Severity{Error, Warning}, Title: "Certificate cannot be read",
			Cause:  "A certificate in a list is one that crypto/x509 does not read, such as an old CA with a negative serial number. It is skipped, and the others are judged: for the leaf it is an error.",
			Remedy: "Remove it, or have it issued again as the detail says.",
		},
	}
}

// pinCodes is about leaves that are uploaded themselves.
func pinCodes() []Explanation {
	return []Explanation{
		{
			Code: PinRenewed, Severities: []Severity{Error}, Title: "Renewed pin is not uploaded",
			Cause:  "The leaf has the subject and key of an upload, but is a different certificate. A pin is compared as a whole, so a renewal with the same key breaks it too.",
			Remedy: "Upload the renewed certificate, then switch the data plane, then delete the old upload.",
		},
		{
			Code: PinReplaced, Severities: []Severity{Error}, Title: "New pin is not uploaded",
			Cause:  "The leaf has the subject of an upload, but a different key, so it is a different certificate.",
			Remedy: "Upload the new certificate, or present the uploaded one with its own key.",
		},
		{
			Code: PinNotFirst, Severities: []Severity{Error}, Title: "Pin is not the first upload",
			Cause:  "A control plane with cluster_mtls = shared compares the leaf only with the first certificate of cluster_cert; this one is uploaded after it.",
			Remedy: "Put the leaf first in cluster_cert.",
		},
		{
			Code: NotThePinnedCertificate, Severities: []Severity{Error}, Title: "Leaf is not the pin",
			Cause:  "A control plane with cluster_mtls = shared accepts one certificate, and this is a different one.",
			Remedy: "Present the pinned certificate, or pin this one.",
		},
		{
			Code: IssuerUploadedAsPin, Severities: []Severity{Error}, Title: "Issuer uploaded where only pins count",
			Cause:  "A control plane with cluster_mtls = shared does not verify chains: its upload is the leaf's issuer, and it needs the leaf itself.",
			Remedy: "Upload the leaf itself, or run the control plane with cluster_mtls = pki.",
		},
		{
			Code: PinIsCA, Severities: []Severity{Warning}, Title: "Pin can sign other certificates",
			Cause: "The pinned certificate is a CA, or a version 1 certificate where those count as roots. " +
				"Whoever has its key can issue further certificates that are accepted. By default, openssl req -x509 creates such certificates.",
			Remedy: "Issue the pin as X.509 version 3 with CA:FALSE, and upload that instead.",
		},
	}
}

// linkCodes is about where the path from the leaf ends.
func linkCodes() []Explanation {
	return []Explanation{
		{
			Code: IssuerMissing, Severities: []Severity{Error}, Title: "Issuer is neither presented nor uploaded",
			Cause:  "No available certificate has the name of this one's issuer. The usual cause of OpenSSL's \"unable to get issuer certificate\": a leaf presented without its intermediates.",
			Remedy: "Present the issuer's certificate after this one, or upload it.",
		},
		{
			Code: IssuerNameDiffers, Severities: []Severity{Error}, Title: "Issuer has another name",
			Cause: "A CA is available that has the key of this certificate's issuer, or a name that reads the same, but the two names are not the same bytes: " +
				"the CA was renamed, or one name has a different encoding or case. crypto/x509 compares the bytes.",
			Remedy: "Have the CA issue the certificate again under its current name, or present the CA's certificate with the old name.",
		},
		{
			Code: SelfSignedNotUploaded, Severities: []Severity{Error}, Title: "Self-signed certificate is not uploaded",
			Cause:  "The chain ends at a self-signed certificate that is not uploaded. Presenting it proves nothing.",
			Remedy: "Upload it.",
		},
		{
			Code: NoUploadReached, Severities: []Severity{Error}, Title: "Chain does not reach an upload",
			Cause:  "The available CAs sign each other. From the leaf, they lead in circles or to ever more CAs, but never to an upload.",
			Remedy: "Upload one of the CAs that the leaf leads to, or its root.",
		},
		{
			Code: UploadNotAnAnchor, Severities: []Severity{Error}, Title: "Upload cannot end the path",
			Cause: "The path reaches an upload that is not a root. " +
				"Self-hosted Kong, nginx, HAProxy and Apache use OpenSSL without partial chains: only a self-signed upload ends a path there, and a leaf is not pinned. " +
				"A certificate that a CA issued and that is the shared cluster_cert passes in one direction only: the control plane compares it, and the data plane, which verifies, refuses it.",
			Remedy: "Upload the certificates from there up to the root as well.",
		},
	}
}

// signatureCodes is about what one certificate says of the next.
func signatureCodes() []Explanation {
	return []Explanation{
		{
			Code: SameNameOtherKey, Severities: []Severity{Error}, Title: "Issuer with that name has a different key",
			Cause: "A certificate is available that has the issuer's name, but it did not sign this one. " +
				"Usually a CA was renewed with a new key, and certificates of the old and the new generation are mixed.",
			Remedy: "Upload or present the generation of the CA that signed, or have the certificate issued again by the one that is available.",
		},
		{
			Code: SignatureBroken, Severities: []Severity{Error}, Title: "Signature does not verify",
			Cause:  "The issuer that the certificate names did not make its signature: the certificate was altered or damaged.",
			Remedy: "Obtain the certificate again from where it was issued, or have it issued again.",
		},
		{
			Code: WeakSignature, Severities: []Severity{Error}, Title: "Signature algorithm is not accepted",
			Cause:  "The certificate is signed with SHA-1, MD5 or MD2, which neither crypto/x509 nor OpenSSL's security level 2 accepts.",
			Remedy: "Have it issued again with SHA-256 or better.",
		},
		{
			Code: UnknownAlgorithm, Severities: []Severity{Error, Warning}, Title: "Algorithm cannot be judged here",
			Cause:  "A signature or a key is of a kind that crypto/x509 does not know, such as Ed448 or RSASSA-PSS with an unusual salt. It is not said to be weak. Where OpenSSL decides, what the standard library of Go has the parts for is verified; the rest is an error, because nothing is accepted that was not verified.",
			Remedy: "Have the certificate issued with an RSA, ECDSA or Ed25519 key and a PKCS #1 v1.5, ECDSA or Ed25519 signature.",
		},
		{
			Code: KeyIDMismatch, Severities: []Severity{Error, Warning}, Title: "Key identifiers disagree",
			Cause:  "The signature is good, but the certificate names another issuing key than the issuer says it has. Or it names the issuer's certificate by a serial number that a renewed CA no longer has. It is an error where OpenSSL decides, which believes the identifiers; elsewhere they are hints.",
			Remedy: "Have it issued again with the issuer's own key identifier.",
		},
		{
			Code: AmbiguousIssuer, Severities: []Severity{Warning}, Title: "Several certificates match as issuer",
			Cause: "A valid path exists, but there is another certificate with the name and key of an issuer on it. " +
				"OpenSSL takes the first that matches and does not try another one, so self-hosted Kong and servers like nginx may still refuse the chain.",
			Remedy: "Present and upload one certificate of each CA.",
		},
		{
			Code: IssuerNotUploaded, Severities: []Severity{Warning}, Title: "Uploaded intermediate lacks its issuer",
			Cause: "A valid path exists, but from an uploaded intermediate it continues to one that is presented but not uploaded. " +
				"OpenSSL looks for the issuers of an uploaded certificate only among the uploads, so self-hosted Kong refuses until the uploads change.",
			Remedy: "Upload the issuers of the intermediate too, up to the root, or remove the intermediate from the uploads and present it.",
		},
	}
}

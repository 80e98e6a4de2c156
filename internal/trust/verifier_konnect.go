package trust

// Konnect is Kong Konnect, and what the zero Verifier means. A presented leaf
// equal to any upload is pinned. Every uploaded CA certificate is an anchor,
// intermediates too.
//
// Nobody can look into its verifier, so crypto/x509 decides on a path, and what
// other verifiers refuse besides is a warning: Konnect publishes no limit on
// keys, for example.
const Konnect Verifier = "konnect"

// konnectUploads is how many data plane certificates a control plane takes by
// default (Konnect's documentation, control plane resource limits). Kong's support
// can raise it.
const konnectUploads = 32

func konnect() profile {
	return profile{
		title: "Konnect", library: "crypto/x509", reading: goReading(),
		pins: anyUpload, whenPinned: onlyCompared,
		isAnchor: markedCA, partialChain: true, mostUploads: konnectUploads,
		rules: []rule{
			{"signature", eachCertificate, asGo, issuerSigned},
			{"key identifiers", eachCertificate, onlyWarns, keyIDsMustAgree},
			{"issuer and serial number", eachCertificate, onlyWarns, serialMustAgree},
			{"dates", eachCertificate, asGo, inDate},
			{"critical extensions", eachCertificate, asGo, criticalUnderstood},
			{"issuer is a CA", eachCertificate, asGo, issuerIsCA},
			{"issuer may sign", eachCertificate, asGo, issuerMaySign},
			{"path length", eachCertificate, asGo, pathLengthSuffices},
			{"name constraints", eachCertificate, asGo, namesPermitted},
			{"name constraints as OpenSSL reads them", eachCertificate, onlyWarns, namesReadOtherwise},
			{"purpose", eachCertificate, asGo, purposeListed},
			{"key usage of the leaf", eachCertificate, onlyWarns, leafUsageSuffices},
			{"key is usable", eachCertificate, besidesGo, keyIsUsable},
			{"key strength", eachCertificate, onlyWarns, keyIsStrong},
			{"valid for", wholePath, besidesGo, lastsLongEnough},
			{"revocation", wholePath, besidesGo, notRevoked},
			{"pin is not a CA", acceptedPath, onlyWarns, pinIsNotCA},
		},
	}
}

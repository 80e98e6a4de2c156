package trust

// Go is whatever is built on crypto/tls with RequireAndVerifyClientCert: Caddy,
// Traefik, Contour, etcd. Every uploaded certificate is in the pool of roots, so
// a path may end at any of them, at the leaf itself too. crypto/x509 decides, and
// crypto/tls refuses keys besides.
const Go Verifier = "go"

func goServer() profile {
	return profile{
		title: "Go's crypto/tls", library: "crypto/x509", trusts: "the pool of client CAs", reading: goReading(),
		isAnchor: func(*Entry) bool { return true }, partialChain: true, says: goSays, stopsAt: errorOfGo,
		rules: []rule{
			{"signature", eachCertificate, asGo, issuerSigned},
			{"key identifiers", eachCertificate, onlyWarns, keyIDsMustAgree},
			{"issuer and serial number", eachCertificate, onlyWarns, serialMustAgree},
			{"dates", eachCertificate, asGo, inDate},
			{"critical extensions", eachCertificate, asGo, criticalUnderstood},
			{"issuer is a CA", eachCertificate, asGo, issuerIsCAForGo},
			{"issuer may sign", eachCertificate, asGo, issuerMaySign},
			{"path length", eachCertificate, asGo, pathLengthSuffices},
			{"name constraints", eachCertificate, asGo, namesPermitted},
			{"purpose", eachCertificate, asGo, purposeListed},
			{"key usage of the leaf", eachCertificate, onlyWarns, leafUsageSuffices},
			{"key is usable", eachCertificate, besidesGo, keyIsUsable},
			{"key strength", eachCertificate, besidesGo, keyTakenByGo},
			{"valid for", wholePath, besidesGo, lastsLongEnough},
			{"revocation", wholePath, besidesGo, notRevoked},
			{"pin is not a CA", acceptedPath, onlyWarns, rootPinIsNotCA},
		},
	}
}

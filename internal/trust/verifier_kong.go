package trust

// Self-hosted Kong is nginx with OpenSSL. Its source says how it is set up
// (kong/templates, kong/clustering); every rule here was executed against nginx
// or openssl verify, see oracle_*_test.go.

// KongHybridShared is a self-hosted control plane with cluster_mtls = shared:
// the presented leaf is the first upload, or it is refused. nginx verifies the
// chain all the same, and what it complains of can refuse a pin: see
// [withPresentedIssuers].
const KongHybridShared Verifier = "kong_hybrid_shared"

func kongHybridShared() profile {
	return profile{
		title: "Kong with cluster_mtls = shared", library: openSSLLibrary, reading: openSSLReading(), ownRules: true,
		pins: firstUpload, whenPinned: withPresentedIssuers,
		rules: openSSLRules(),
	}
}

// KongHybridPKI is a self-hosted control plane with cluster_mtls = pki: nginx
// with OpenSSL, without partial chains. The path ends at a self-signed upload,
// over at most four intermediates.
const KongHybridPKI Verifier = "kong_hybrid_pki"

func kongHybridPKI() profile {
	reading := openSSLReading()
	return profile{
		title: "Kong with cluster_mtls = pki", library: openSSLLibrary, reading: reading, ownRules: true,
		isAnchor: reading.endsItself, uploadsHelp: true,
		maxIntermediates: 4, maxIntermediatesSetting: "ssl_verify_depth",
		rules: append(openSSLRules(),
			rule{"intermediates", wholePath, besidesGo, notTooManyIntermediates},
			rule{"pin is not a CA", acceptedPath, onlyWarns, rootPinIsNotCA},
			rule{"one issuer", acceptedPath, onlyWarns, issuersAreUnambiguous},
			rule{"issuers of uploads", acceptedPath, onlyWarns, issuersAreUploaded},
		),
	}
}

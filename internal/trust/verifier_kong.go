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
		title: "Kong with cluster_mtls = shared", library: openSSLLibrary, trusts: "cluster_cert", reading: openSSLReading(), ownRules: true,
		pins: firstUpload, whenPinned: withPresentedIssuers, says: kongSharedSays, stopsAt: lastOfOpenSSL,
		rules: openSSLRules(),
	}
}

// KongHybridPKI is a self-hosted control plane with cluster_mtls = pki: nginx
// with OpenSSL, without partial chains. The path ends at a self-signed upload,
// over at most four intermediates. What it asks of OCSP was executed with the
// library that it asks with, in the order of its source (kong/clustering/tls.lua).
const KongHybridPKI Verifier = "kong_hybrid_pki"

func kongHybridPKI() profile {
	p := overOpenSSL("Kong with cluster_mtls = pki", "cluster_ca_cert", openSSLRules())
	p.depth = depthRule{setting: "ssl_verify_depth", limit: 4, fixed: true}
	p.ocsp, p.says, p.stopsAt = true, nginxSays, lastOfOpenSSL
	p.rules = append(p.rules, rule{"OCSP", wholePath, besidesGo, statusCanBeAsked})
	return p
}

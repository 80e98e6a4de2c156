package trust

// A self-hosted data plane judges its control plane with a cosocket of nginx's
// lua module (kong/clustering/utils.lua): OpenSSL without partial chains, purpose
// server, and then X509_check_host. It trusts lua_ssl_trusted_certificate, to
// which Kong adds cluster_cert with cluster_mtls = shared, and cluster_ca_cert
// with pki.

// KongSharedName is the name that a data plane with cluster_mtls = shared looks for
// in its control plane's certificate.
const KongSharedName = "kong_clustering"

// KongDataPlaneShared is a data plane with cluster_mtls = shared. The name that
// it looks for is always [KongSharedName].
const KongDataPlaneShared Verifier = "kong_data_plane_shared"

func kongDataPlaneShared() profile {
	p := dataPlane("a Kong data plane with cluster_mtls = shared", KongSharedName)
	p.whyNoPin = "; as cluster_cert of both sides it passes one way only, because the control plane compares it and never looks at its issuer"
	return p
}

// KongDataPlanePKI is a data plane with cluster_mtls = pki. The name that it
// looks for is cluster_server_name, or else the host of cluster_control_plane.
const KongDataPlanePKI Verifier = "kong_data_plane_pki"

func kongDataPlanePKI() profile { return dataPlane("a Kong data plane with cluster_mtls = pki", "") }

func dataPlane(title, name string) profile {
	p := overOpenSSL(title, "lua_ssl_trusted_certificate", openSSLRules())
	p.purpose = ServerAuth
	p.name = serverNameRule{wanted: true, fixed: name}
	p.depth = depthRule{setting: "lua_ssl_verify_depth", limit: 1}
	p.says, p.stopsAt = cosocketSays, lastOfOpenSSL
	p.rules = append(p.rules, rule{"server name", eachCertificate, besidesGo, serverNameMatches})
	return p
}

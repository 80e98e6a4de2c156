package trust

// Servers built on OpenSSL that judge a client. What they ask was executed
// against the servers of Debian 12, see oracle_*_test.go: nginx 1.22, HAProxy 2.6,
// Apache 2.4.

// Nginx is nginx with ssl_verify_client on: OpenSSL without partial chains. With
// ssl_crl, every CA of a path needs a current list.
const Nginx Verifier = "nginx"

func nginx() profile {
	p := overOpenSSL("nginx", "ssl_client_certificate", openSSLRulesWithLists())
	p.depth = depthRule{setting: "ssl_verify_depth", limit: 1}
	p.says, p.stopsAt = nginxSays, lastOfOpenSSL
	return p
}

// HAProxy is HAProxy with verify required, and crl-file for revocation lists. It
// has no setting for the depth, so OpenSSL's own applies.
const HAProxy Verifier = "haproxy"

func haproxy() profile {
	p := overOpenSSL("HAProxy", "ca-file", openSSLRulesWithLists())
	p.depth = depthRule{limit: openSSLDepth}
	p.says, p.stopsAt = haproxySays, firstOfOpenSSL
	return p
}

// Apache is Apache with SSLVerifyClient require and, with revocation lists,
// SSLCARevocationCheck chain. SSLVerifyDepth counts every CA, the root too.
const Apache Verifier = "apache"

func apache() profile {
	p := overOpenSSL("Apache", "SSLCACertificateFile", openSSLRulesWithLists())
	p.depth = depthRule{setting: "SSLVerifyDepth", limit: 1, countsRoot: true}
	p.says, p.stopsAt = apacheSays, firstOfApache
	return p
}

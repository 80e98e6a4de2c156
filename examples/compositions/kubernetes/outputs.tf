locals {
  mounted = "/etc/secrets/${kubernetes_secret_v1.this.metadata[0].name}" # where the chart mounts secretVolumes
}

output "helm_values" {
  description = "Values for the chart kong/kong, as YAML. Pass them to the release together with your own."
  value = yamlencode({
    secretVolumes = [kubernetes_secret_v1.this.metadata[0].name]
    env = merge(
      {
        role             = "data_plane"
        database         = "off"
        cluster_mtls     = "pki"
        cluster_cert     = "${local.mounted}/tls.crt"
        cluster_cert_key = "${local.mounted}/tls.key"
      },
      # Konnect's own certificate is publicly trusted; a self-hosted control plane's is not.
      var.verifier == "konnect" ? { lua_ssl_trusted_certificate = "system" } : { cluster_ca_cert = "${local.mounted}/ca.crt", lua_ssl_trusted_certificate = "${local.mounted}/ca.crt" },
    )
    # Kong reads its files once, at startup, so a new one restarts the pods: each has an
    # annotation of its own, because what is trusted can change while the certificate stays.
    podAnnotations = {
      "mtls/fingerprint" = mtls_dataplane_certificate.this.fingerprint_sha256
      "mtls/ca"          = sha256(join("", var.trust_anchors_pem))
    }
  })
}

output "secret" {
  description = "Namespace and name of the secret."
  value       = kubernetes_secret_v1.this.id
}

output "renewal_at" {
  description = "When the certificate becomes due for renewal. The next apply after that renews it."
  value       = mtls_dataplane_certificate.this.renewal_at
}

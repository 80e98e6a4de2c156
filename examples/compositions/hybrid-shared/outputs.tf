locals {
  certificate = "${var.folder}/cluster.crt"
  key         = "${var.folder}/cluster.key"
  both = {
    KONG_CLUSTER_MTLS     = "shared"
    KONG_CLUSTER_CERT     = local.certificate
    KONG_CLUSTER_CERT_KEY = local.key
  }
}

output "files" {
  description = "The files of every node, on both sides, by path. Make the key file readable to Kong's user only."
  sensitive   = true
  value = {
    (local.certificate) = mtls_pinned_certificate.shared.certificate_pem
    (local.key)         = mtls_pinned_certificate.shared.private_key_pem
  }
}

output "control_plane_settings" {
  description = "The environment variables of the control plane."
  value       = merge(local.both, { KONG_ROLE = "control_plane" })
}

output "data_plane_settings" {
  description = "The environment variables of each data plane."
  value = merge(local.both, {
    KONG_ROLE                        = "data_plane"
    KONG_DATABASE                    = "off"
    KONG_CLUSTER_CONTROL_PLANE       = var.control_plane
    KONG_LUA_SSL_TRUSTED_CERTIFICATE = local.certificate # the control plane presents the same one
  })
}

output "fingerprint_sha256" {
  description = "SHA-256 of the certificate. Nodes on either side that run with a different one must be restarted."
  value       = mtls_pinned_certificate.shared.fingerprint_sha256
}

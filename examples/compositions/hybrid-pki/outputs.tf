locals {
  certificate = "${var.folder}/tls.crt"
  key         = "${var.folder}/tls.key"
  ca          = "${var.folder}/ca.crt"
  both = {
    KONG_CLUSTER_MTLS                = "pki"
    KONG_CLUSTER_CERT                = local.certificate
    KONG_CLUSTER_CERT_KEY            = local.key
    KONG_LUA_SSL_TRUSTED_CERTIFICATE = local.ca
  }
}

output "control_plane_files" {
  description = "The control plane's files, by path. Restart it with them whenever they change, before or after the data planes: see Rotating in README."
  sensitive   = true
  depends_on  = [data.mtls_chain_validation.control_plane]
  value = {
    (local.certificate) = mtls_dataplane_certificate.control_plane.chain_pem
    (local.key)         = mtls_dataplane_certificate.control_plane.private_key_pem
    (local.ca)          = local.cluster_ca_pem
  }
}

output "data_plane_files" {
  description = "The files of each data plane, by name and path."
  sensitive   = true
  depends_on  = [data.mtls_chain_validation.edge]
  value = {
    for name, certificate in mtls_dataplane_certificate.edge : name => {
      (local.certificate) = certificate.chain_pem
      (local.key)         = certificate.private_key_pem
      (local.ca)          = local.cluster_ca_pem
    }
  }
}

output "rotation" {
  description = "What is under way: the root that is presented, the next one, which is trusted already, and when it is presented. Restart every node before that."
  value = {
    root      = mtls_control_plane_ca.root.generation
    next_root = mtls_control_plane_ca.root.next_generation
    next_at   = mtls_control_plane_ca.root.next_at
  }
}

output "control_plane_settings" {
  description = "The environment variables of the control plane."
  value       = merge(local.both, { KONG_ROLE = "control_plane", KONG_CLUSTER_CA_CERT = local.ca })
}

output "data_plane_settings" {
  description = "The environment variables of each data plane."
  value = merge(local.both, {
    KONG_ROLE                  = "data_plane"
    KONG_DATABASE              = "off"
    KONG_CLUSTER_CONTROL_PLANE = var.control_plane
    KONG_CLUSTER_SERVER_NAME   = local.server_name
  })
}

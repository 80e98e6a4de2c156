output "paths" {
  description = "Where each data plane's secret is: cluster_cert and cluster_cert_key."
  value       = { for name, secret in vault_kv_secret_v2.edge : name => secret.path }
}

output "paths" {
  description = "The path of each data plane's secret, which has the fields cluster_cert and cluster_cert_key."
  value       = { for name, secret in vault_kv_secret_v2.edge : name => secret.path }
}

variable "nodes_by_site" {
  description = "The data planes of each site: a few hundred nodes each."
  type        = map(list(string))
  default     = { fra = ["fra-1", "fra-2"], ber = ["ber-1"] }
}

# One set per site. A plan only touches the nodes that change.
resource "mtls_dataplane_certificate_set" "site" {
  for_each     = var.nodes_by_site
  issuer       = mtls_control_plane_ca.issuing # the whole object
  validity     = "2160h"                       # 90 days
  certificates = { for name in each.value : name => { common_name = name, dns_names = ["${name}.dp.acme.internal"] } }
}

output "fra_1_presents" {
  value = mtls_dataplane_certificate_set.site["fra"].chains_pem["fra-1"]
}

resource "mtls_control_plane_ca" "issuing" {
  subject = { common_name = "Acme Gateway Issuing" }
}

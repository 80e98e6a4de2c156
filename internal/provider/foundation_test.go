package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

func TestFoundation(t *testing.T) {
	t.Parallel()
	config := `
resource "mtls_control_plane_ca" "root" {
  subject = { common_name = "Root", organization = "Acme" }
}
resource "mtls_control_plane_ca" "issuing" {
  subject = { common_name = "Issuing" }
  issuer = mtls_control_plane_ca.root
  max_path_length = 0
  name_constraints = { permitted_dns_domains = ["dp.acme.internal"] }
}
resource "mtls_dataplane_certificate" "edge" {
  count = 2
  subject = { common_name = "edge-${count.index}" }
  dns_names = ["edge-${count.index}.dp.acme.internal"]
  issuer = mtls_control_plane_ca.issuing
}
resource "mtls_pinned_certificate" "pin" {
  subject = { common_name = "pin" }
}
`
	clock := newStepClock()
	terraform(t, clock.Now, resource.TestStep{Config: config})
}

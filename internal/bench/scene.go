package main

import (
	"fmt"
	"strings"
)

// A scene is a configuration with the provider, and the floor that it stands
// next to.
type scene struct {
	kind    kind
	title   string
	backend string
	config  string
	floor   string
	steps   []step
	// chains is how many presented chains chains.json is to hold.
	chains int
	count  int
}

// A kind orders the scenes.
type kind int

const (
	leaves kind = iota
	oneSet
	sets
	lists
	validations
)

// A step is one command. A step before it has left what it needs.
type step struct {
	name      string
	arguments []string
	changes   bool // whether the exit code 2 of a plan with changes is wanted
}

// life is what is measured of every resource.
func life() []step {
	return []step{
		{name: "plan", arguments: []string{"plan", "-out=plan"}},
		{name: "apply", arguments: []string{"apply", "plan"}},
		{name: "plan, no change", arguments: []string{"plan", "-detailed-exitcode"}},
	}
}

func destruction() step {
	return step{name: "destroy", arguments: []string{"destroy", "-auto-approve"}}
}

const header = `
terraform {
  required_providers {
    mtls = {
      source = "trustplane/mtls"
    }
  }
}
`

const cas = `
resource "mtls_control_plane_ca" "root" {
  subject = { common_name = "Root" }
}

resource "mtls_control_plane_ca" "issuing" {
  subject         = { common_name = "Issuing" }
  issuer          = mtls_control_plane_ca.root
  max_path_length = 0
}
`

const httpBackend = `
terraform {
  backend "http" {}
}
`

// leafScene is one resource a certificate.
func leafScene(count int, backend string) scene {
	// A map and not a set: Terraform takes time in the square of a set's size for
	// the instances of for_each alone, which would hide what they cost.
	names := fmt.Sprintf(`{ for i in range(%d) : format("edge-%%05d", i) => i }`, count)
	s := scene{
		kind: leaves, title: fmt.Sprintf("%s leaves, one resource each, %s", grouped(count), backend), backend: backend, count: count,
		steps: append(life(), destruction()),
		config: header + cas + `
resource "mtls_dataplane_certificate" "edge" {
  for_each  = ` + names + `
  subject   = { common_name = each.key }
  dns_names = ["${each.key}.dp.example.com"]
  issuer    = mtls_control_plane_ca.issuing
}
`,
		floor: `
resource "terraform_data" "edge" {
  for_each = ` + names + `
  input    = each.key
}
`,
	}
	if backend == "http" {
		s.config, s.floor = s.config+httpBackend, s.floor+httpBackend
	}
	return s
}

// bytesOfNode is what a node of a set takes in the state. Half of it is given to
// the floor's input, since terraform_data keeps that twice.
const bytesOfNode = 2150

// setScene is count data planes in sets of size. The floor carries as many bytes
// in as many resources.
func setScene(count, size int) scene {
	locals := fmt.Sprintf(`
variable "added" {
  type    = number
  default = 0
}

locals {
  sites = { for site in range(%d) : format("site-%%03d", site) => [
    for i in range(%d + (site == 0 ? var.added : 0)) : format("edge-%%03d-%%05d", site, i)
  ] }
}
`, (count+size-1)/size, size)
	s := scene{
		kind: sets, count: count, steps: life(), title: fmt.Sprintf("%s nodes in sets of %s", grouped(count), grouped(size)), backend: "local",
		config: header + cas + locals + `
resource "mtls_dataplane_certificate_set" "site" {
  for_each     = local.sites
  issuer       = mtls_control_plane_ca.issuing
  certificates = { for name in each.value : name => { common_name = name, dns_names = ["${name}.dp.example.com"] } }
}
`,
		floor: locals + fmt.Sprintf(`
resource "terraform_data" "site" {
  for_each = local.sites
  input    = { for name in each.value : name => "${name}%s" }
}
`, strings.Repeat("x", bytesOfNode/2)),
	}
	if size == count {
		s.kind, s.title = oneSet, fmt.Sprintf("%s nodes in one set", grouped(count))
	}
	s.steps = append(s.steps,
		step{name: "plan, one node added", arguments: []string{"plan", "-var=added=1", "-out=plan"}},
		step{name: "apply, one node added", arguments: []string{"apply", "plan"}},
		destruction())
	return s
}

// bytesOfEntry is what an entry of a revocation list takes in the state. Half of
// it is given to the floor's input, since terraform_data keeps that twice.
const bytesOfEntry = 190

// blockSize is how many entries are written at once.
const blockSize = 1000

// listScene is a revocation list of count entries. The floor carries as many bytes
// in as many elements.
func listScene(count int) scene {
	locals := fmt.Sprintf(`
variable "added" {
  type    = number
  default = 0
}

locals {
  # range gives 1024 numbers at most.
  serials = concat(
    flatten([for block in range(%d) : [for i in range(%d) : format("%%016x%%016x", block, i)]]),
    [for i in range(var.added) : format("%%032x", i)])
}
`, (count+blockSize-1)/blockSize, blockSize)
	return scene{
		kind: lists, count: count, title: fmt.Sprintf("%s entries of a revocation list", grouped(count)), backend: "local",
		config: header + cas + locals + `
resource "mtls_revocation_list" "issuing" {
  issuer  = mtls_control_plane_ca.issuing
  revoked = [for serial in local.serials : { serial_number = "f${serial}", reason = "superseded" }]
}
`,
		floor: locals + fmt.Sprintf(`
resource "terraform_data" "list" {
  input = [for serial in local.serials : "${serial}%s"]
}
`, strings.Repeat("x", bytesOfEntry/2-45)),
		steps: append(life(),
			step{name: "plan, one entry added", arguments: []string{"plan", "-var=added=1", "-out=plan"}},
			step{name: "apply, one entry added", arguments: []string{"apply", "plan"}},
			destruction()),
	}
}

// validationScene judges count chains at plan.
func validationScene(count int) scene {
	return scene{
		kind: validations, count: count, chains: count, title: fmt.Sprintf("%s chain validations", grouped(count)), backend: "local",
		steps: []step{{name: "plan", arguments: []string{"plan", "-out=plan"}}},
		config: header + `
locals {
  scene = jsondecode(file("chains.json"))
}

data "mtls_chain_validation" "edge" {
  for_each            = local.scene.chains
  trust_anchors_pem   = [local.scene.root]
  presented_chain_pem = each.value
}
`,
		floor: `
locals {
  scene = jsondecode(file("chains.json"))
}

resource "terraform_data" "edge" {
  for_each = local.scene.chains
  input    = each.value
}
`,
	}
}

// grouped writes a number with its thousands apart.
func grouped(number int) string {
	if number < 1000 {
		return fmt.Sprint(number)
	}
	return fmt.Sprintf("%s,%03d", grouped(number/1000), number%1000)
}

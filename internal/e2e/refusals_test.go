package e2e

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// replacingKonnect is a version of kong/konnect in which another certificate
// replaces an upload, as it does in many providers of other services. Since 3.17
// it is an update in place.
const replacingKonnect = "3.16.0"

// A form is a way to compose certificate, uploads and secret. Its zero value is
// what the guides show.
type form struct {
	konnect string // version of kong/konnect; empty: the newest
	ca      bool   // a CA is uploaded, with a leaf below it; otherwise a pin
	overlap string // empty: the default, which is the whole life of the old one
	uploads string // empty: each of trusted_certificates_pem, with create_before_destroy
	secret  string // empty: depends_on the uploads
	wo      string // the secret's data_wo_revision; empty: data instead

	steps func(*fire) // what is done under fire; nil: one rotation
}

const (
	withoutOrder = "# no depends_on"
	oneForEach   = "for_each = %s.trusted_certificates_pem\n  cert = each.value\n"
	createFirst  = "  lifecycle {\n    create_before_destroy = true\n  }\n"
)

// anchor is the address of what is trusted, presented that of what data planes
// present.
func (f form) addresses() (anchor, presented string) {
	if f.ca {
		return "mtls_control_plane_ca.root", "mtls_dataplane_certificate.edge"
	}
	return "mtls_pinned_certificate.edge", "mtls_pinned_certificate.edge"
}

func (f form) requirements() string {
	version := ""
	if f.konnect != "" {
		version = fmt.Sprintf(", version = %q", f.konnect)
	}
	return fmt.Sprintf(`
terraform {
  required_providers {
    mtls       = { source = "trustplane/mtls" }
    kubernetes = { source = "hashicorp/kubernetes" }
    konnect    = { source = "kong/konnect"%s }
  }
}
`, version)
}

// trusted is what is uploaded, and what it rotates by.
func (f form) trusted() string {
	anchor, _ := f.addresses()
	overlap := ""
	if f.overlap != "" {
		overlap = fmt.Sprintf("overlap = %q", f.overlap)
	}
	uploads := f.uploads
	if uploads == "" {
		uploads = oneForEach + createFirst
	}
	kind, name, _ := strings.Cut(anchor, ".")
	return fmt.Sprintf(`
variable "turn" { type = string }

resource %q %q {
  subject           = { common_name = "Root" }
  rotation_triggers = { turn = var.turn }
  %s
}

resource "konnect_gateway_data_plane_client_certificate" "edge" {
  control_plane_id = "9524ec7d-36d9-465d-a8c5-83a3c9390458"
  %s
}
`, kind, name, overlap, strings.ReplaceAll(uploads, "%s", anchor))
}

// leaf is what is issued below the CA.
func leaf(issuer string) string {
	return fmt.Sprintf(`
resource "mtls_dataplane_certificate" "edge" {
  subject = { common_name = "edge" }
  issuer  = %s
}
`, issuer)
}

// switched is what data planes present.
func (f form) switched() string {
	_, presented := f.addresses()
	order := f.secret
	if order == "" {
		order = "depends_on = [konnect_gateway_data_plane_client_certificate.edge]"
	}
	data, revision := "data", ""
	if f.wo != "" {
		data, revision = "data_wo", fmt.Sprintf("data_wo_revision = %s.%s", presented, f.wo)
	}
	return fmt.Sprintf(`
resource "kubernetes_secret_v1" "edge" {
  %[1]s
  metadata { name = "edge" }
  %[2]s = {
    "tls.crt" = %[3]s.chain_pem
    "tls.key" = %[3]s.private_key_pem
  }
  %[4]s
}
`, order, data, presented, revision)
}

func (f form) configuration() string {
	text := f.requirements() + f.trusted() + f.switched()
	if f.ca {
		text += leaf("mtls_control_plane_ca.root")
	}
	return text
}

// underFire applies the form, and lets data planes connect while its steps are
// done.
func (f form) underFire(t *testing.T) (refused, total int) {
	t.Helper()
	fired := newFire(t, f.configuration())
	fired.turn("0")
	fired.open("default/edge")
	fired.hold(100)
	if f.steps == nil {
		fired.turn("1")
	} else {
		f.steps(fired)
	}
	fired.hold(300)
	return fired.fired()
}

// A refusal is a composition that refuses data planes, and what the guides show
// instead.
type refusal struct {
	name         string
	unsafe, safe func(t *testing.T) (refused, total int)
}

// refusals are the rows of the guide's table, each with the smallest difference
// between its two forms.
func refusals() []refusal {
	of := func(f form) func(*testing.T) (int, int) { return f.underFire }
	const certificate, bundle = "cert = %s.certificate_pem\n", "cert = %s.trust_bundle_pem\n"
	targeted := func(f *fire) {
		f.turn("1", "-target=kubernetes_secret_v1.edge")
		f.hold(100)
		f.turn("1")
	}
	replaced := func(address string) func(*fire) {
		return func(f *fire) { f.turn("0", "-replace="+address) }
	}
	const counted = "count = length(%[1]s.trusted_certificates_pem)\n  cert = values(%[1]s.trusted_certificates_pem)[count.index]\n"
	const overlap = 10 * time.Second
	ended := func(f *fire) {
		f.turn("1")
		rotated := time.Now()
		f.hold(100)
		waitUntil(f.t, rotated.Add(overlap))
		f.turn("1")
	}
	return []refusal{
		{
			"one upload of trust_bundle_pem, without create_before_destroy",
			of(form{konnect: replacingKonnect, ca: true, uploads: bundle}), of(form{konnect: replacingKonnect, ca: true}),
		},
		{
			"one upload of certificate_pem, without create_before_destroy",
			of(form{konnect: replacingKonnect, uploads: certificate}), of(form{konnect: replacingKonnect}),
		},
		{
			"one upload of certificate_pem, with create_before_destroy",
			of(form{konnect: replacingKonnect, uploads: certificate + createFirst}), of(form{konnect: replacingKonnect}),
		},
		{
			"one upload of certificate_pem, updated in place",
			of(form{uploads: certificate + createFirst}), of(form{}),
		},
		{
			"count instead of for_each",
			of(form{konnect: replacingKonnect, overlap: overlap.String(), uploads: strings.ReplaceAll(counted, "%[1]s", "%s"), steps: ended}),
			of(form{konnect: replacingKonnect, overlap: overlap.String(), steps: ended}),
		},
		{
			"the secret without depends_on",
			of(form{secret: withoutOrder}), of(form{}),
		},
		{
			"-target on the secret, without depends_on",
			of(form{secret: withoutOrder, steps: targeted}), of(form{steps: targeted}),
		},
		{
			"two states, overlap \"0s\", platform before application",
			twoStates("0s"), twoStates(""),
		},
		{
			"three states, the uploads applied last",
			threeStates(0), threeStates(8 * time.Second),
		},
		{
			"as documented, overlap \"0s\", late data planes",
			of(form{overlap: "0s"}), of(form{}),
		},
		{
			"for_each without create_before_destroy, overlap \"0s\"",
			of(form{overlap: "0s", uploads: oneForEach}), of(form{}),
		},
		{
			"-replace instead of rotation_triggers",
			of(form{steps: replaced("mtls_pinned_certificate.edge")}), of(form{}),
		},
		{
			"data_wo_revision = generation, and another resource takes over",
			anotherTakesOver("generation"), anotherTakesOver("revision"),
		},
		{
			"uploads named by generation, after a lost state",
			uploadsInAStore("${each.key}"), uploadsInAStore("${provider::mtls::fingerprint_sha256(each.value)}"),
		},
	}
}

// twoStates is a CA in the state of a platform team, which uploads it, and a leaf
// in that of an application team, which reads the first. The platform rotates,
// and the application follows.
func twoStates(overlap string) func(t *testing.T) (refused, total int) {
	return func(t *testing.T) (int, int) {
		f := form{ca: true, overlap: overlap}
		platform := newFire(t, f.requirements()+f.trusted()+`
output "root" {
  value     = mtls_control_plane_ca.root
  sensitive = true
}
`)
		platform.turn("0")
		f.secret = withoutOrder // the uploads are in the other state
		application := platform.state(t, map[string]string{"main.tf": f.requirements() + leaf("data.terraform_remote_state.platform.outputs.root") + f.switched() + fmt.Sprintf(`
data "terraform_remote_state" "platform" {
  backend = "local"
  config  = { path = %q }
}
`, filepath.ToSlash(filepath.Join(platform.folder, "terraform.tfstate")))})
		application.apply()
		platform.open("default/edge")
		platform.hold(100)
		platform.turn("1")
		platform.hold(100)
		application.apply()
		platform.hold(300)
		return platform.fired()
	}
}

// threeStates are those of the CA, of the uploads and of the data planes, which both
// read the first. Nothing makes the uploads come before the data planes switch, but
// a next generation that is trusted before it is presented.
func threeStates(prepublish time.Duration) func(t *testing.T) (refused, total int) {
	return func(t *testing.T) (int, int) {
		requirements := form{}.requirements()
		ca := newFire(t, requirements+fmt.Sprintf(`
variable "turn" { type = string }

resource "mtls_control_plane_ca" "root" {
  subject           = { common_name = "Root" }
  rotation_triggers = { turn = var.turn }
  prepublish        = %q
}

output "trusted_certificates_pem" { value = mtls_control_plane_ca.root.trusted_certificates_pem }

output "root" {
  value     = mtls_control_plane_ca.root
  sensitive = true
}
`, prepublish))
		remote := requirements + fmt.Sprintf(`
data "terraform_remote_state" "platform" {
  backend = "local"
  config  = { path = %q }
}
`, filepath.ToSlash(filepath.Join(ca.folder, "terraform.tfstate")))
		ca.turn("0")
		uploads := ca.state(t, map[string]string{"main.tf": remote + `
resource "konnect_gateway_data_plane_client_certificate" "edge" {
  for_each         = data.terraform_remote_state.platform.outputs.trusted_certificates_pem
  control_plane_id = "9524ec7d-36d9-465d-a8c5-83a3c9390458"
  cert             = each.value
}
`})
		uploads.apply()
		planes := ca.state(t, map[string]string{
			"main.tf": remote + leaf("data.terraform_remote_state.platform.outputs.root") + form{ca: true, secret: withoutOrder}.switched(),
		})
		planes.apply()
		ca.open("default/edge")
		ca.hold(100)
		for range 2 { // the second presents what the first one made
			ca.turn("1")
			applied := time.Now()
			planes.apply()
			ca.hold(100)
			uploads.apply()
			waitUntil(t, applied.Add(prepublish))
		}
		ca.hold(300)
		return ca.fired()
	}
}

// anotherTakesOver moves data planes from one resource to another: both are trusted,
// the secret is written from the second, and then the first one goes. The version
// says that the secret changes; both resources are of generation 1.
func anotherTakesOver(version string) func(t *testing.T) (refused, total int) {
	return func(t *testing.T) (int, int) {
		trusted := func(name string) string {
			return fmt.Sprintf(`
resource "mtls_pinned_certificate" %[1]q {
  subject = { common_name = %[1]q }
}

resource "konnect_gateway_data_plane_client_certificate" %[1]q {
  control_plane_id = "9524ec7d-36d9-465d-a8c5-83a3c9390458"
  for_each         = mtls_pinned_certificate.%[1]s.trusted_certificates_pem
  cert             = each.value
%[2]s}
`, name, createFirst)
		}
		before, after := trusted("edge"), trusted("north")
		requirements, secret := form{}.requirements(), form{wo: version}.switched()
		f := newFire(t, requirements+before+secret)
		f.apply()
		f.open("default/edge")
		f.hold(100)
		moved := strings.NewReplacer("mtls_pinned_certificate.edge", "mtls_pinned_certificate.north", "certificate.edge]", "certificate.north]").Replace(secret)
		for _, step := range []string{before + after + secret, before + after + moved, after + moved} {
			f.write("main.tf", requirements+step)
			f.apply()
			f.hold(100)
		}
		return f.fired()
	}
}

// uploadsInAStore are uploads that have a name, and that another one of the same
// name overwrites, as in an object store. The state is then put back to what it
// was before the rotation: what a kill leaves in a remote backend, or somebody who
// restores an older version.
func uploadsInAStore(name string) func(t *testing.T) (refused, total int) {
	return func(t *testing.T) (int, int) {
		f := newFire(t, fmt.Sprintf(`
terraform {
  required_providers {
    mtls       = { source = "trustplane/mtls" }
    kubernetes = { source = "hashicorp/kubernetes" }
    vault      = { source = "hashicorp/vault" }
  }
}

variable "turn" { type = string }

resource "mtls_pinned_certificate" "edge" {
  subject           = { common_name = "edge" }
  rotation_triggers = { turn = var.turn }
}

resource "vault_kv_secret_v2" "upload" {
  for_each  = mtls_pinned_certificate.edge.trusted_certificates_pem
  mount     = "uploads"
  name      = "%s"
  data_json = jsonencode({ cert = each.value })

  lifecycle {
    create_before_destroy = true
  }
}
`, name)+form{secret: "depends_on = [vault_kv_secret_v2.upload]"}.switched())
		f.turn("0")
		before := f.read("terraform.tfstate")
		f.open("default/edge")
		f.hold(100)
		f.turn("1")
		f.hold(100)
		f.write("terraform.tfstate", before)
		f.turn("1")
		f.hold(300)
		return f.fired()
	}
}

// TestCompositionsThatRefuse executes each row of the table: the unsafe form must
// refuse data planes, and the safe one none.
func TestCompositionsThatRefuse(t *testing.T) {
	t.Parallel()
	rows := refusals()
	table := make([][2]string, len(rows))
	t.Run("rows", func(t *testing.T) {
		for i, row := range rows {
			for side, run := range []func(*testing.T) (int, int){row.unsafe, row.safe} {
				name := fmt.Sprintf("%s/%s", strings.ReplaceAll(row.name, "/", " "), []string{"unsafe", "safe"}[side])
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					refused, total := run(t)
					table[i][side] = fmt.Sprintf("%d of %d", refused, total)
					switch {
					case side == 0 && refused == 0:
						t.Errorf("none of %d connections was refused: the guide warns of what is safe, or this test can no longer tell", total)
					case side == 1 && refused > 0:
						t.Errorf("%d of %d connections were refused: the guide shows what is not safe", refused, total)
					}
				})
			}
		}
	})
	var printed strings.Builder
	printed.WriteString("| composition | refused | refused in the safe form |\n|---|--:|--:|\n")
	for i, row := range rows {
		if table[i] != [2]string{} { // selected with -run
			fmt.Fprintf(&printed, "| %s | %s | %s |\n", row.name, table[i][0], table[i][1])
		}
	}
	t.Logf("handshakes refused while it rotates:\n%s", &printed)
}

// A shown is a configuration that people copy, with an edit that rotates what is
// uploaded.
type shown struct {
	name, configuration string
	before, after       string // the edit
	secrets             []string
}

// TestWhatIsShownRefusesNobody rotates what the guide on Konnect shows, and the
// compositions for Konnect and Kubernetes together, twice under fire.
func TestWhatIsShownRefusesNobody(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("runs terraform many times: not in -short")
	}
	guide := func(name string) string {
		return readFile(t, filepath.Join(filepath.FromSlash("../../examples/guides"), name, "main.tf"))
	}
	for _, c := range []shown{
		{"guide, pinned", guide("konnect-pinned"), `"8760h"`, `"8759h"`, []string{"kong/kong-cluster-cert"}},
		{"guide, PKI", guide("konnect-pki"), `"Acme Gateway Root"`, `"Acme Gateway Root 2"`, []string{"kong/edge-1-cluster-cert", "kong/edge-2-cluster-cert"}},
		{"compositions", together, `var.rotation`, `{ since = "today" }`, []string{"kong/kong-cluster-cert"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFire(t, c.configuration)
			f.set("rotation", `{ since = "the beginning" }`)
			f.apply()
			f.open(c.secrets...)
			for _, text := range []string{strings.Replace(c.configuration, c.before, c.after, 1), c.configuration} {
				f.hold(100)
				f.write("main.tf", text)
				f.apply()
			}
			f.hold(300)
			refused, total := f.fired()
			if refused > 0 {
				t.Errorf("%d of %d connections were refused: what people copy is not safe", refused, total)
			}
			if served := len(f.tally.served); served < 3*len(c.secrets) {
				t.Errorf("%d certificates were presented, want %d: the rotations did not reach the data planes", served, 3*len(c.secrets))
			}
		})
	}
}

// TestNoRoomForARotation: when Konnect takes no more uploads, a rotation stops
// before the secret is switched, and goes on once there is room.
func TestNoRoomForARotation(t *testing.T) {
	t.Parallel()
	const others = `
variable "others" { type = number }

resource "mtls_pinned_certificate" "other" {
  subject = { common_name = "other" }
}

resource "konnect_gateway_data_plane_client_certificate" "other" {
  count            = var.others
  control_plane_id = "9524ec7d-36d9-465d-a8c5-83a3c9390458"
  cert             = mtls_pinned_certificate.other.certificate_pem
}
`
	f := newFire(t, form{}.configuration()+others)
	f.set("others", "31")
	f.turn("0")
	f.open("default/edge")
	f.hold(100)
	f.set("turn", "1")
	if printed, err := f.try("apply", "-input=false", "-auto-approve"); err == nil || !strings.Contains(printed, "are there already") {
		t.Fatalf("a 33rd upload is taken: %v\n%s", err, printed)
	}
	f.hold(100)
	f.set("others", "30")
	f.terraform("apply", "-input=false", "-auto-approve", "-target=konnect_gateway_data_plane_client_certificate.other")
	f.turn("1")
	f.hold(100)
	f.settled()
	if refused, total := f.fired(); refused > 0 || len(f.tally.served) != 2 {
		t.Errorf("%d of %d connections were refused, %d certificates presented", refused, total, len(f.tally.served))
	}
}

package trust_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trustplane/terraform-provider-mtls/internal/pkitest"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
	"github.com/trustplane/terraform-provider-mtls/internal/trust/drawing"
)

// rotatingSite is a site of 40 data planes in the middle of a rotation of its
// root, beside two with certificates of a corporate CA. Some were renewed since.
func rotatingSite(t *testing.T) (*pkitest.Graph, []trust.Chain) {
	t.Helper()
	month := func(count int) time.Time { return pkitest.Now().AddDate(0, count, 0) }
	text := "issuing <- root\nissuing~2 <- root~2\nstore <- corporate\nplant <- corporate\n"
	settings := settings(
		with("root", pkitest.Valid(month(-118), month(2))), with("root~2", pkitest.Valid(month(-1), month(119))),
		with("issuing", pkitest.Valid(month(-34), month(2))), with("issuing~2", pkitest.Valid(month(-1), month(35))),
		with("store", pkitest.Valid(month(-2), month(4))), with("plant", pkitest.Valid(month(-2), month(4))),
	)
	for i := range 40 {
		name, issuer := fmt.Sprintf("fra-%d", i+1), "issuing"
		begins := pkitest.Now().AddDate(0, 0, -60+i)
		if i >= 31 {
			issuer = "issuing~2"
		}
		text += name + " <- " + issuer + "\n"
		settings = append(settings, with(name, pkitest.Valid(begins, begins.AddDate(0, 0, 90))))
	}
	graph := pkitest.Build(t, text, settings...)
	var chains []trust.Chain
	for i := range 40 {
		issuer := "issuing"
		if i >= 31 {
			issuer = "issuing~2"
		}
		name := fmt.Sprintf("fra-%d", i+1)
		chains = append(chains, trust.Chain{Name: name, Presented: graph.Certificates(name, issuer)})
	}
	for _, name := range []string{"store", "plant"} {
		chains = append(chains, trust.Chain{Name: name, Presented: graph.Certificates(name)})
	}
	return graph, chains
}

// TestFleetGolden keeps what a fleet is shown as, today and with an upload
// withdrawn.
func TestFleetGolden(t *testing.T) {
	t.Parallel()
	graph, chains := rotatingSite(t)
	for file, uploads := range map[string]string{"fleet_today": "root root~2 corporate", "fleet_withdrawn": "root~2 corporate"} {
		fleet := trust.EvaluateFleet(graph.Certificates(uploads), chains, trust.Options{At: pkitest.Now()})
		summary, timeline := steady(graph, drawing.FleetSummary(fleet)), steady(graph, drawing.Timeline(fleet))
		checkGantt(t, timeline)
		compareGolden(t, file+".summary.golden", summary)
		compareGolden(t, file+".timeline.golden", timeline)
	}
}

// TestFleetStandsStill: who keeps the texts of a fleet in an output sees no
// change before there is one.
func TestFleetStandsStill(t *testing.T) {
	t.Parallel()
	graph, chains := rotatingSite(t)
	texts := func(at time.Time) string {
		fleet := trust.EvaluateFleet(graph.Certificates("root~2 corporate"), chains, trust.Options{At: at})
		return drawing.FleetSummary(fleet) + drawing.Timeline(fleet)
	}
	if diff := cmp.Diff(texts(pkitest.Now()), texts(pkitest.Now().Add(36*time.Hour))); diff != "" {
		t.Errorf("the texts move with the clock (-now +later):\n%s", diff)
	}
	if !strings.Contains(texts(pkitest.Now()), "NOT TRUSTED: Konnect refuses 31 of 42 chains") {
		t.Error(texts(pkitest.Now()))
	}
}

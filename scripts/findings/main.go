// Command findings writes, as Markdown, every finding that a verdict can have:
// the part of the guide on verdicts that must not drift from the engine.
package main

import (
	"fmt"
	"io"
	"log"
	"os"
	"strings"

	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

func main() {
	if err := write(os.Stdout, trust.Catalogue()); err != nil {
		log.Fatal(err)
	}
}

// write writes an overview with a row for each code, then what each one means.
func write(to io.Writer, catalogue []trust.Explanation) error {
	var text strings.Builder
	text.WriteString("## Every finding\n\n| code | severity | meaning | `clause` |\n|---|---|---|---|\n")
	for _, entry := range catalogue {
		fmt.Fprintf(&text, "| [`%s`](#%s) | %s | %s | %s |\n", entry.Code, entry.Code, severities(entry), entry.Title, entry.Clause)
	}
	for _, entry := range catalogue {
		fmt.Fprintf(&text, "\n### `%s`\n\n**%s** (%s). %s\n\n**What to do:** %s\n", entry.Code, entry.Title, severities(entry), entry.Cause, entry.Remedy)
	}
	_, err := io.WriteString(to, text.String())
	return err
}

func severities(entry trust.Explanation) string {
	names := make([]string, len(entry.Severities))
	for i, severity := range entry.Severities {
		names[i] = string(severity)
	}
	return strings.Join(names, " or ")
}

package provider

import (
	"crypto/x509"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
	"github.com/trustplane/terraform-provider-mtls/internal/trust"
)

// The positions of the arguments of every function that gives verdicts.
const (
	argumentAnchors int64 = iota
	argumentPresented
	argumentOptions
)

// verdictArguments reads the arguments of one call of a function that gives
// verdicts. With a private key in one of them the call must not fail: see
// [besideKey].
type verdictArguments struct {
	options trust.Options
	// known is false while part of the options is unknown.
	known bool
	// refused is why the options cannot be used, where the call must not fail.
	refused error
	// holdsKey: a private key is in one of the arguments.
	holdsKey bool
	// leftOut has a sentence for each text that cannot be read.
	leftOut []string
}

// readVerdictArguments reads the options of a call, whose other arguments are texts
// and nothing else.
func readVerdictArguments(options types.Dynamic, texts ...string) (*verdictArguments, *function.FuncError) {
	read := &verdictArguments{holdsKey: holdPrivateKey(append(texts, options.String())...)}
	var err error
	read.options, read.known, err = readOptions(options)
	if err != nil && !read.holdsKey {
		return nil, argumentError(argumentOptions, err)
	}
	read.refused = err
	return read, nil
}

// setAnchors reads what is uploaded. A text that is null is empty, as in the data
// source.
func (a *verdictArguments) setAnchors(texts []types.String) ([]*x509.Certificate, *function.FuncError) {
	var anchors []*x509.Certificate
	var readable pki.Readable
	for i, text := range texts {
		parsed, failed := a.certificates(argumentAnchors, "trust_anchors_pem", fmt.Sprintf("[%d]", i), text.ValueString(), readable.Parse)
		if failed != nil {
			return nil, failed
		}
		anchors = append(anchors, parsed...)
	}
	a.options.UnreadableAnchors = readable.Unreadable
	return anchors, nil
}

// certificates reads one text of an argument; element is where in it that stands,
// in brackets, and empty for an argument that is one text.
func (a *verdictArguments) certificates(
	position int64, argument, element, text string, parse func(string) ([]*x509.Certificate, error),
) ([]*x509.Certificate, *function.FuncError) {
	parsed, err := parseBesideKeys(text, parse)
	switch {
	case err == nil:
		return parsed, nil
	case a.holdsKey:
		a.leftOut = append(a.leftOut, fmt.Sprintf("%s%s is left out: %v.", argument, element, err))
		return nil, nil
	case element != "":
		err = fmt.Errorf("element %s: %w", element, err)
	}
	return nil, argumentError(position, err)
}

// notJudged is the summary where there is no verdict, and the call must not fail.
func (a *verdictArguments) notJudged() types.String {
	return types.StringValue("NOT JUDGED. The options cannot be used: " + pki.Sentence(a.refused.Error()) + ".")
}

// explain adds to a summary what was left out: the first of many, so that it stays
// short.
func (a *verdictArguments) explain(summary types.String) types.String {
	const most = 3
	lines := append([]string{summary.ValueString()}, a.leftOut[:min(most, len(a.leftOut))]...)
	if more := len(a.leftOut) - most; more > 0 {
		lines = append(lines, fmt.Sprintf("%d more are left out.", more))
	}
	return types.StringValue(strings.Join(lines, "\n"))
}

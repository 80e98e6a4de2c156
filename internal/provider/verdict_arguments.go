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
func (a *verdictArguments) setAnchors(given []types.String) ([]*x509.Certificate, *function.FuncError) {
	var readable pki.Readable
	anchors, unread := parseTexts(texts(given, types.String.ValueString), func(text string) ([]*x509.Certificate, error) {
		return parseBesideKeys(text, readable.Parse)
	})
	for _, one := range unread {
		if failed := a.leaveOut(argumentAnchors, fmt.Sprintf("trust_anchors_pem[%d]", one.index), one.err, one); failed != nil {
			return nil, failed
		}
	}
	a.options.UnreadableAnchors = readable.Unreadable
	return anchors, nil
}

// leaveOut notes that the text at a place cannot be read, or where the call may
// fail, returns the error about its argument.
func (a *verdictArguments) leaveOut(argument int64, place string, why, failure error) *function.FuncError {
	if !a.holdsKey {
		return argumentError(argument, failure)
	}
	a.leftOut = append(a.leftOut, fmt.Sprintf("%s is left out: %v.", place, why))
	return nil
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

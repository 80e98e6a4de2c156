package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/trustplane/terraform-provider-mtls/internal/lifecycle"
	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// The keys of private state: of the record, and of the one that builds wrote
// before records had versions.
const recordKey, oldRecordKey = "lifecycle", "memory"

// privateState is the framework's, whose type cannot be named.
type privateState interface {
	GetKey(context.Context, string) ([]byte, diag.Diagnostics)
	SetKey(context.Context, string, []byte) diag.Diagnostics
}

// readRecord reads the record of a resource. What cannot be read is an error, and
// never forgotten.
func readRecord(ctx context.Context, private privateState, diagnostics *diag.Diagnostics) lifecycle.Record {
	text, found := private.GetKey(ctx, recordKey)
	diagnostics.Append(found...)
	if len(text) == 0 {
		text, found = private.GetKey(ctx, oldRecordKey)
		diagnostics.Append(found...)
	}
	record, err := lifecycle.ReadRecord(text)
	addRecordError(err, diagnostics)
	return record
}

func addRecordError(err error, diagnostics *diag.Diagnostics) {
	if err != nil {
		diagnostics.AddError("Private state is damaged", pki.Sentence(err.Error())+". Nothing was changed. "+
			"Restore the state from a backup. Without one, save the certificate and its key from the state, remove the resource from it with terraform state rm, and import them.")
	}
}

// writeRecord writes the record to private state.
func writeRecord(ctx context.Context, private privateState, record lifecycle.Record, diagnostics *diag.Diagnostics) {
	text, err := record.Bytes()
	if err != nil {
		diagnostics.AddError("Private state not written", pki.Sentence(err.Error())+".")
		return
	}
	diagnostics.Append(private.SetKey(ctx, recordKey, text)...)
	if old, _ := private.GetKey(ctx, oldRecordKey); len(old) > 0 {
		diagnostics.Append(private.SetKey(ctx, oldRecordKey, nil)...)
	}
}

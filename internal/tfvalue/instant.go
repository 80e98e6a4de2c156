package tfvalue

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// InstantOf reads an instant; the zero time if it is null, unknown or damaged.
func InstantOf(value timetypes.RFC3339) time.Time {
	if !Known(value) {
		return time.Time{}
	}
	instant, _ := value.ValueRFC3339Time()
	return instant
}

// NewInstant writes an instant, in UTC and whole seconds; null for the zero time.
func NewInstant(instant time.Time) timetypes.RFC3339 {
	if instant.IsZero() {
		return timetypes.NewRFC3339Null()
	}
	return timetypes.NewRFC3339TimeValue(instant.UTC().Truncate(time.Second))
}

// NewText writes a string; null for the empty one.
func NewText(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

// NewStrings writes a list of strings; an empty one for nil.
func NewStrings(values []string) types.List {
	elements := make([]attr.Value, 0, len(values))
	for _, value := range values {
		elements = append(elements, types.StringValue(value))
	}
	return types.ListValueMust(types.StringType, elements)
}

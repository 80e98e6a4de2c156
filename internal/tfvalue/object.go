package tfvalue

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/pki"
)

// A Field is an attribute that an object may have whose type is its writer's
// choice.
type Field struct {
	Name     string
	Required bool
	// Read takes a value that is neither null nor unknown.
	Read func(attr.Value) error
}

// ReadObject reads an object whose type is its writer's choice, such as a
// function's last argument: a further field breaks no call. Null in it is the same
// as left out. The error has everything that is wrong with what is known, and
// calls a field what noun says; known is false if something in the object is not.
func ReadObject(argument attr.Value, noun string, fields []Field) (known bool, err error) {
	value := concrete(argument)
	if value.IsUnknown() {
		return false, nil
	}
	given, err := attributesOf(value)
	if err != nil {
		return true, err
	}
	known = true
	faults := unknownNames(given, noun, fields)
	for _, field := range fields {
		switch value := concrete(given[field.Name]); {
		case value == nil || value.IsNull():
			if field.Required {
				faults = append(faults, fmt.Sprintf("the %s %q is required", noun, field.Name))
			}
		case !whollyKnown(value):
			known = false
		default:
			if fault := field.Read(value); fault != nil {
				faults = append(faults, fmt.Sprintf("the %s %q: %s", noun, field.Name, fault))
			}
		}
	}
	if len(faults) > 0 {
		return known, errors.New(strings.Join(faults, "; "))
	}
	return known, nil
}

// unknownNames says which names are not those of fields.
func unknownNames(given map[string]attr.Value, noun string, fields []Field) []string {
	var names, faults []string
	for name := range given {
		if !slices.ContainsFunc(fields, func(one Field) bool { return one.Name == name }) {
			faults = append(faults, name)
		}
	}
	if len(faults) == 0 {
		return nil
	}
	for _, field := range fields {
		names = append(names, field.Name)
	}
	slices.Sort(faults)
	for i, name := range faults {
		faults[i] = fmt.Sprintf("unknown %s %q, the %ss are %s", noun, pki.Printable(name), noun, strings.Join(names, ", "))
	}
	return faults
}

// attributesOf are the attributes of an object, or the elements of a map; none
// of null.
func attributesOf(value attr.Value) (map[string]attr.Value, error) {
	switch given := value.(type) {
	case types.Object:
		return given.Attributes(), nil
	case types.Map:
		return given.Elements(), nil
	default:
		if value.IsNull() {
			return nil, nil
		}
		return nil, fmt.Errorf("an object is wanted, and this is %s", kindOf(value))
	}
}

// ReadList gives the elements of a list, tuple or set whose type is its writer's
// choice: none of null. An element may be null or unknown; known is false if how
// many there are is not known.
func ReadList(argument attr.Value) (elements []attr.Value, known bool, err error) {
	value := concrete(argument)
	if !Known(value) {
		return nil, !value.IsUnknown(), nil
	}
	elements, ok := elementsOf(value)
	if !ok {
		return nil, true, fmt.Errorf("a list is wanted, and this is %s", kindOf(value))
	}
	for i, element := range elements {
		elements[i] = concrete(element)
	}
	return elements, true, nil
}

// concrete is the value within a dynamic one; nil for nil.
func concrete(value attr.Value) attr.Value {
	if dynamic, ok := value.(types.Dynamic); ok && dynamic.UnderlyingValue() != nil {
		return dynamic.UnderlyingValue()
	}
	return value
}

func whollyKnown(value attr.Value) bool {
	if value.IsUnknown() {
		return false
	}
	elements, _ := elementsOf(value)
	for _, element := range elements {
		if !whollyKnown(concrete(element)) {
			return false
		}
	}
	return true
}

// elementsOf are those of a list, a tuple or a set.
func elementsOf(value attr.Value) ([]attr.Value, bool) {
	switch list := value.(type) {
	case types.List:
		return list.Elements(), true
	case types.Tuple:
		return list.Elements(), true
	case types.Set:
		return list.Elements(), true
	default:
		return nil, false
	}
}

// TextOf reads a string whose type is its writer's choice.
func TextOf(value attr.Value) (string, error) {
	text, ok := value.(types.String)
	if !ok {
		return "", fmt.Errorf("a string is wanted, and this is %s", kindOf(value))
	}
	return text.ValueString(), nil
}

// TimeOf reads an instant in RFC 3339 whose type is its writer's choice.
func TimeOf(value attr.Value) (time.Time, error) {
	text, err := TextOf(value)
	if err != nil {
		return time.Time{}, err
	}
	return ParseInstant(text)
}

// TextsOf reads a list of strings whose type is its writer's choice. An element
// that is null is empty, as in the lists of a schema.
func TextsOf(value attr.Value) ([]string, error) {
	elements, ok := elementsOf(value)
	if !ok {
		return nil, fmt.Errorf("a list of strings is wanted, and this is %s", kindOf(value))
	}
	texts := make([]string, 0, len(elements))
	for i, element := range elements {
		if element = concrete(element); element.IsNull() {
			texts = append(texts, "")
			continue
		}
		text, err := TextOf(element)
		if err != nil {
			return nil, fmt.Errorf("element [%d]: %w", i, err)
		}
		texts = append(texts, text)
	}
	return texts, nil
}

// WholeOf reads a whole number whose type is its writer's choice.
func WholeOf(value attr.Value) (int64, error) {
	number, ok := value.(types.Number)
	if !ok {
		return 0, fmt.Errorf("a number is wanted, and this is %s", kindOf(value))
	}
	whole, accuracy := number.ValueBigFloat().Int64()
	if accuracy != big.Exact {
		return 0, fmt.Errorf("a whole number is wanted, and this is %s", number.ValueBigFloat().Text('g', 10))
	}
	return whole, nil
}

// kindOf names the type of a value, and never the value: it may be secret.
func kindOf(value attr.Value) string {
	switch value.(type) {
	case types.String:
		return "a string"
	case types.Number:
		return "a number"
	case types.Bool:
		return "a boolean"
	case types.List, types.Tuple, types.Set:
		return "a list"
	case types.Map, types.Object:
		return "an object"
	default:
		return "of another type"
	}
}

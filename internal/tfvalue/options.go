package tfvalue

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// An Option is an attribute that an object of options may have.
type Option struct {
	Name     string
	Required bool
	// Read takes a value that is neither null nor unknown.
	Read func(attr.Value) error
}

// ReadOptions reads an object whose type is its caller's choice, such as a
// function's last argument: a further option breaks no call. Null in it is the
// same as left out. The error has everything that is wrong with what is known;
// known is false if something in the object is not.
func ReadOptions(argument types.Dynamic, options []Option) (known bool, err error) {
	value := concrete(argument)
	if value.IsUnknown() {
		return false, nil
	}
	given, err := attributesOf(value)
	if err != nil {
		return true, err
	}
	known = true
	faults := unknownOptions(given, options)
	for _, option := range options {
		switch value := concrete(given[option.Name]); {
		case value == nil || value.IsNull():
			if option.Required {
				faults = append(faults, fmt.Sprintf("the option %q is required", option.Name))
			}
		case !whollyKnown(value):
			known = false
		default:
			if fault := option.Read(value); fault != nil {
				faults = append(faults, fmt.Sprintf("the option %q: %s", option.Name, fault))
			}
		}
	}
	if len(faults) > 0 {
		return known, errors.New(strings.Join(faults, "; "))
	}
	return known, nil
}

// unknownOptions says which names are not those of options.
func unknownOptions(given map[string]attr.Value, options []Option) []string {
	var names, faults []string
	for _, option := range options {
		names = append(names, option.Name)
	}
	for name := range given {
		if !slices.Contains(names, name) {
			faults = append(faults, fmt.Sprintf("unknown option %q, the options are %s", name, strings.Join(names, ", ")))
		}
	}
	slices.Sort(faults)
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
		return nil, fmt.Errorf("an object of options is wanted, and this is %s", kindOf(value))
	}
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

// TextOf reads a string whose type is its caller's choice.
func TextOf(value attr.Value) (string, error) {
	text, ok := value.(types.String)
	if !ok {
		return "", fmt.Errorf("a string is wanted, and this is %s", kindOf(value))
	}
	return text.ValueString(), nil
}

// TextsOf reads a list of strings whose type is its caller's choice. An element
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

// WholeOf reads a whole number whose type is its caller's choice.
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

package standin

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// objectOf is a configuration as JSON has it, write-only values included; what
// is null or unknown is left out.
func objectOf(configuration tftypes.Value) (map[string]any, error) {
	value, err := jsonOf(configuration)
	if err != nil {
		return nil, err
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s is no object", configuration.Type())
	}
	return object, nil
}

func jsonOf(value tftypes.Value) (any, error) {
	switch kind := value.Type(); {
	case value.IsNull() || !value.IsKnown():
		return nil, nil
	case kind.Is(tftypes.String):
		return as[string](value)
	case kind.Is(tftypes.Bool):
		return as[bool](value)
	case kind.Is(tftypes.Number):
		number, err := as[*big.Float](value)
		if err != nil {
			return nil, err
		}
		float, _ := number.Float64()
		return float, nil
	case kind.Is(tftypes.List{}) || kind.Is(tftypes.Set{}):
		return jsonOfList(value)
	default:
		return jsonOfMap(value)
	}
}

func jsonOfList(value tftypes.Value) (any, error) {
	elements, err := as[[]tftypes.Value](value)
	if err != nil {
		return nil, err
	}
	list := make([]any, len(elements))
	for i, element := range elements {
		if list[i], err = jsonOf(element); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func jsonOfMap(value tftypes.Value) (any, error) {
	elements, err := as[map[string]tftypes.Value](value)
	if err != nil {
		return nil, err
	}
	object := map[string]any{}
	for name, element := range elements {
		converted, err := jsonOf(element)
		if err != nil {
			return nil, err
		}
		if converted != nil {
			object[name] = converted
		}
	}
	return object, nil
}

func as[T any](value tftypes.Value) (T, error) {
	var converted T
	err := value.As(&converted)
	return converted, err
}

// valueOf is the way back: what is missing is null, and so is what is write-only.
func valueOf(kind tftypes.Type, object any) tftypes.Value {
	switch found := object.(type) {
	case []any:
		var element tftypes.Type
		switch list := kind.(type) {
		case tftypes.List:
			element = list.ElementType
		case tftypes.Set:
			element = list.ElementType
		}
		elements := make([]tftypes.Value, len(found))
		for i, one := range found {
			elements[i] = valueOf(element, one)
		}
		return tftypes.NewValue(kind, elements)
	case map[string]any:
		elements := map[string]tftypes.Value{}
		switch object := kind.(type) {
		case tftypes.Map:
			for name, one := range found {
				elements[name] = valueOf(object.ElementType, one)
			}
		case tftypes.Object:
			for name, attribute := range object.AttributeTypes {
				elements[name] = tftypes.NewValue(attribute, nil)
				if one, ok := found[name]; ok && !strings.HasSuffix(name, "_wo") {
					elements[name] = valueOf(attribute, one)
				}
			}
		}
		return tftypes.NewValue(kind, elements)
	case float64:
		return tftypes.NewValue(kind, big.NewFloat(found))
	default:
		return tftypes.NewValue(kind, found)
	}
}

package twosignal

import (
	"fmt"
	"reflect"

	"twosignal-client/generated/policy"
)

// outside is the error of a number that is outside of its bounds, as NaN is of any; nil when it is within.
func outside[Number int64 | float64](name string, value Number, bounds policy.Bounds) error {
	if number := float64(value); !(number >= bounds.Least && number <= bounds.Most) {
		return notSent(KindValidation, policy.CodeInvalidValue,
			fmt.Sprintf("%s is %v; expected %v to %v", name, value, bounds.Least, bounds.Most))
	}
	return nil
}

// unknownEnum is the error of a request that holds a value which its enum does not have; nil when there is none. The compiler
// cannot tell, since an untyped constant converts to any type of strings. An Evaluator is JSON already, so it is not checked.
func unknownEnum(value any) error {
	if place, wrong, found := findUnknown(reflect.ValueOf(value), ""); found {
		return notSent(KindValidation, policy.CodeInvalidValue,
			fmt.Sprintf("%s is %q; expected one of the constants of %s", place, fmt.Sprint(wrong), wrong.Type()))
	}
	return nil
}

// findUnknown is the first such value, and its place in names of Go.
func findUnknown(value reflect.Value, place string) (string, reflect.Value, bool) {
	switch value.Kind() {
	case reflect.String:
		if enum, is := value.Interface().(interface{ Valid() bool }); is && !enum.Valid() {
			return place, value, true
		}
	case reflect.Pointer:
		if !value.IsNil() {
			return findUnknown(value.Elem(), place)
		}
	case reflect.Struct:
		for index := range value.NumField() {
			field := value.Type().Field(index)
			if !field.IsExported() {
				continue
			}
			inner := field.Name
			if place != "" {
				inner = place + "." + field.Name
			}
			if at, wrong, found := findUnknown(value.Field(index), inner); found {
				return at, wrong, true
			}
		}
	case reflect.Slice:
		if value.Type().Elem().Kind() == reflect.Uint8 {
			break
		}
		for index := range value.Len() {
			if at, wrong, found := findUnknown(value.Index(index), fmt.Sprintf("%s[%d]", place, index)); found {
				return at, wrong, true
			}
		}
	}
	return "", reflect.Value{}, false
}

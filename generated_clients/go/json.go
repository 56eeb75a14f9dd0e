package twosignal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"twosignal-client/generated/policy"
)

// encode gives compact JSON that keeps <, > and & as they are: json.Marshal makes six bytes of each.
func encode(value any) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), err
}

// decode reads a response. One that lacks a field is an error: encoding/json would take it for one of empty values.
func decode[Response any](body []byte, fields []policy.Field) (*Response, error) {
	read, err := unmarshal[Response](body)
	var odd *json.UnmarshalTypeError
	if errors.As(err, &odd) && strings.HasPrefix(odd.Value, "number") {
		read, err = unmarshal[Response](plain(body))
	}
	if err != nil {
		return nil, err
	}
	for _, field := range fields {
		if err := check(body, field); err != nil {
			return nil, err
		}
	}
	return read, nil
}

// unmarshal reads the one value of a text. Numbers of free fields stay as they are written, since a float64 changes large ones.
func unmarshal[Value any](text []byte) (*Value, error) {
	value := new(Value)
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(value); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("more follows the value")
	}
	return value, nil
}

// check is the error of a field that is missing, or null where it may not be.
func check(body json.RawMessage, field policy.Field) error {
	for name := range strings.SplitSeq(field.Path, ".") {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(body, &fields); err != nil {
			return err
		}
		found := false
		if body, found = fields[name]; !found {
			return fmt.Errorf("%s is missing", field.Path)
		}
	}
	if !field.Null && string(body) == "null" {
		return fmt.Errorf("%s is null", field.Path)
	}
	return nil
}

// tokens are the texts of a JSON text, so that no digits in them are taken for numbers, and its numbers.
var tokens = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?`)

// Every whole number up to it is a float64.
const mostExact = 1 << 53

// plain is a JSON text whose whole numbers have neither fraction nor exponent. In JSON 1.0 and 1e0 are whole; encoding/json
// does not see that.
func plain(body []byte) []byte {
	return tokens.ReplaceAllFunc(body, func(token []byte) []byte {
		number, err := strconv.ParseFloat(string(token), 64)
		if err != nil || !bytes.ContainsAny(token, ".eE") || number != math.Trunc(number) || math.Abs(number) > mostExact {
			return token
		}
		return strconv.AppendInt(nil, int64(number), 10)
	})
}

// reason is why a response cannot be read, without its values: they may be secrets.
func reason(err error) string {
	var instant *time.ParseError
	switch {
	case errors.Is(err, io.EOF):
		return "it is empty"
	case errors.As(err, &instant):
		return "it holds an instant that is none"
	}
	return err.Error()
}

package twosignal

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"twosignal-client/generated/policy"
)

// operation is what a call needs beside the request itself.
type operation struct {
	limit policy.PayloadLimit
	build func(server, contentType string, body io.Reader) (*http.Request, error)
	// bearer gives the token of the header Authorization; without one there is no such header.
	bearer func(*Client) (string, error)
	// required are fields that a success has, as policy names them.
	required []string
	// once is true when a request must not be sent again after a broken connection: it may have arrived.
	once bool
}

// response is one that was read to its end.
type response struct {
	status int
	header http.Header
	body   []byte
}

// post sends a value as JSON.
func post[Response any](ctx context.Context, client *Client, op operation, value any) (*Response, error) {
	if err := unknownEnum(value); err != nil {
		return nil, err
	}
	body, err := encode(value)
	if err != nil {
		return nil, notSent(KindValidation, policy.CodeInvalidValue, fmt.Sprintf("the request cannot be written as JSON: %v", err))
	}
	return send[Response](ctx, client, op, body)
}

// send sends a body that is JSON already.
func send[Response any](ctx context.Context, client *Client, op operation, body []byte) (*Response, error) {
	if op.limit.Bytes > 0 && len(body) > op.limit.Bytes {
		return nil, tooLarge("the body", len(body), op.limit.Bytes)
	}
	request, err := op.build(client.server, "application/json", bytes.NewReader(body))
	return call[Response](ctx, client, op, request, err)
}

// call sends a request, again where the document says so, and reads the response. `err` is what building the request gave.
func call[Response any](ctx context.Context, client *Client, op operation, request *http.Request, err error) (*Response, error) {
	if err != nil {
		return nil, notSent(KindValidation, policy.CodeInvalidValue, fmt.Sprintf("the request cannot be built: %v", err))
	}
	if op.bearer != nil {
		token, err := op.bearer(client)
		if err != nil {
			return nil, err
		}
		if token != "" {
			request.Header.Set("Authorization", "Bearer "+token)
		}
	}
	request.Header.Set("User-Agent", "twosignal-client-go/"+policy.DocumentVersion)
	got, err := client.exchange(ctx, op, request)
	if err != nil {
		return nil, err
	}
	if got.status < http.StatusOK || got.status >= http.StatusMultipleChoices {
		return nil, errorOf(got, client.hide)
	}
	read := new(Response)
	if err := decode(got.body, op.required, read); err != nil {
		return nil, unreadable(got, err, client.hide)
	}
	return read, nil
}

// exchange sends until a response comes that is final, or until the retries are used up.
func (client *Client) exchange(ctx context.Context, op operation, request *http.Request) (*response, error) {
	retries := retries{client: client, once: op.once}
	for {
		got, err := client.attempt(ctx, request)
		if err != nil && ctx.Err() != nil {
			return nil, &NetworkError{ctx.Err()}
		}
		wait, again := retries.next(got)
		switch {
		case !again && err != nil:
			return nil, &NetworkError{err}
		case !again:
			return got, nil
		}
		if err := client.sleep(ctx, wait); err != nil {
			return nil, &NetworkError{err}
		}
	}
}

// attempt sends once and reads the response to its end: one that breaks off is none.
func (client *Client) attempt(ctx context.Context, request *http.Request) (*response, error) {
	if client.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, client.timeout)
		defer cancel()
	}
	once := request.Clone(ctx)
	if request.GetBody == nil {
		// When a kept connection breaks, net/http sends a GET again by itself and at once, unless it may have a body.
		once.Body = io.NopCloser(strings.NewReader(""))
	} else if body, err := request.GetBody(); err == nil {
		once.Body = body
	}
	got, err := client.http.Do(once)
	if err != nil {
		return nil, err
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		return nil, err
	}
	return &response{got.StatusCode, got.Header, body}, nil
}

// hide takes the key out of a text.
func (client *Client) hide(text string) string {
	if key := client.key(); key != "" {
		return strings.ReplaceAll(text, key, "***")
	}
	return text
}

// byKey is the API key.
func byKey(client *Client) (string, error) {
	if key := client.key(); key != "" {
		return key, nil
	}
	return "", notSent(KindUnauthorized, policy.CodeMissingKey, "there is no API key; expected WithAPIKey or TWOSIGNAL_API_KEY")
}

// byKeyIfAny is the API key, for an operation that can do without.
func byKeyIfAny(client *Client) (string, error) { return client.key(), nil }

// encode gives compact JSON that keeps <, > and & as they are: json.Marshal makes six bytes of each.
func encode(value any) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), err
}

// decode reads a response. One that lacks a field is an error: encoding/json would take it for one of empty values.
func decode(body []byte, required []string, into any) error {
	if err := json.Unmarshal(body, into); err != nil {
		return err
	}
	for _, path := range required {
		inner := json.RawMessage(body)
		for name := range strings.SplitSeq(path, ".") {
			var fields map[string]json.RawMessage
			if err := json.Unmarshal(inner, &fields); err != nil {
				return err
			}
			found := false
			if inner, found = fields[name]; !found {
				return fmt.Errorf("%s is missing", path)
			}
		}
	}
	return nil
}

func tooLarge(what string, size, limit int) *APIError {
	return notSent(KindTooLarge, policy.CodeBodyTooLarge, fmt.Sprintf("%s has %d bytes; expected at most %d", what, size, limit))
}

package twosignal

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"twosignal-client/generated/policy"
)

// operation is what a call needs beside the request itself.
type operation struct {
	limit policy.PayloadLimit
	build func(server, contentType string, body io.Reader) (*http.Request, error)
	// bearer gives the token of the header Authorization; without one there is no such header.
	bearer func(*Client) (string, error)
	// fields are those that a success has.
	fields []policy.Field
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
		return nil, notSent(KindValidation, policy.CodeInvalidValue, client.hide(fmt.Sprintf("the request cannot be built: %v", err)))
	}
	if op.bearer != nil {
		token, err := op.bearer(client)
		if err != nil {
			return nil, err
		}
		request.Header.Set("Authorization", "Bearer "+token)
	}
	request.Header.Set("User-Agent", "twosignal-client-go/"+policy.DocumentVersion)
	got, err := client.exchange(ctx, op, request)
	if err != nil {
		return nil, err
	}
	if !isSuccess(got.status) {
		return nil, errorOf(got, client.hide)
	}
	read, err := decode[Response](got.body, op.fields)
	if err != nil {
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
			return nil, noResponse(ctx.Err(), client.hide)
		}
		wait, again := retries.next(got)
		switch {
		case !again && err != nil:
			return nil, noResponse(err, client.hide)
		case !again:
			return got, nil
		}
		if err := client.sleep(ctx, wait); err != nil {
			return nil, noResponse(err, client.hide)
		}
	}
}

// attempt sends once and reads the response to its end. One that breaks off is none, but for an error: its status says enough.
//
// The transport is asked without an http.Client around it, which would follow redirects, and so send the key elsewhere.
func (client *Client) attempt(ctx context.Context, request *http.Request) (*response, error) {
	limited, cancel := context.WithTimeout(ctx, client.timeout)
	defer cancel()
	once := request.Clone(limited)
	if request.GetBody == nil {
		// When a kept connection breaks, net/http sends a GET again by itself and at once, unless it may have a body.
		once.Body = io.NopCloser(strings.NewReader(""))
	} else if body, err := request.GetBody(); err == nil {
		once.Body = body
	}
	got, err := client.transport.RoundTrip(once)
	if err != nil {
		return nil, err
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	if err != nil && (isSuccess(got.StatusCode) || ctx.Err() != nil) {
		return nil, err
	}
	return &response{got.StatusCode, got.Header, body}, nil
}

func isSuccess(status int) bool {
	return status >= http.StatusOK && status < http.StatusMultipleChoices
}

// hide takes the key and the tokens out of a text, also where somebody has put them into quotes or into a URL.
func (client *Client) hide(text string) string {
	secrets := []string{client.key()}
	if current := client.session.current.Load(); current != nil {
		secrets = append(secrets, current.AccessToken, current.RefreshToken)
	}
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		quoted := strconv.Quote(secret)
		for _, form := range []string{secret, quoted[1 : len(quoted)-1], url.QueryEscape(secret)} {
			text = strings.ReplaceAll(text, form, "***")
		}
	}
	return text
}

// isSendable tells whether a header can hold a secret.
func isSendable(secret string) bool {
	return !strings.ContainsFunc(secret, func(r rune) bool { return r <= ' ' || r > '~' })
}

// byKey is the API key.
func byKey(client *Client) (string, error) {
	if key := client.key(); key != "" {
		return key, nil
	}
	return "", notSent(KindUnauthorized, policy.CodeMissingKey, "there is no API key; expected WithAPIKey or TWOSIGNAL_API_KEY")
}

func tooLarge(what string, size, limit int) *APIError {
	return notSent(KindTooLarge, policy.CodeBodyTooLarge, fmt.Sprintf("%s has %d bytes; expected at most %d", what, size, limit))
}

package twosignal

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"twosignal-client/generated/api"
	"twosignal-client/generated/policy"
)

// Kind says what a program can do about an error.
type Kind string

// The kinds of errors.
const (
	KindValidation   Kind = "validation"
	KindUnauthorized Kind = "unauthorized"
	KindNotFound     Kind = "not-found"
	KindTooLarge     Kind = "too-large"
	KindRateLimited  Kind = "rate-limited"
	KindServer       Kind = "server"
	KindRefused      Kind = "refused"
	KindAnswer       Kind = "answer"
	KindNetwork      Kind = "network"
)

// TwoSignalError is every error of this package: an *APIError or a *NetworkError.
type TwoSignalError interface {
	error
	Kind() Kind
}

// APIError is an answer that is no success, a success that cannot be read, or a request that the client itself refuses.
type APIError struct {
	// Code is what the answer says, also one that nobody knows; empty when the answer is no error object.
	Code string
	// Message is for people.
	Message string
	// Status is the one of HTTP; 0 when nothing was sent.
	Status int
	// RequestID is the answer's X-Request-Id, if any.
	RequestID string

	kind Kind
}

// NetworkError is a request that got no answer: the connection was refused or broke, time ran out, the context ended.
type NetworkError struct{ cause error }

// What to do next, after what came and what was expected.
var advice = map[Kind]string{
	KindValidation:   "mend the request, sending it again does not help",
	KindUnauthorized: "check the key in TWOSIGNAL_API_KEY, or log in again",
	KindNotFound:     "check the name, and the project that the key belongs to",
	KindTooLarge:     "send less at once",
	KindRateLimited:  "send less often, or allow for longer waits",
	KindServer:       "the server is in trouble, try again later",
	KindRefused:      "check the base URL",
	KindAnswer:       "check that the base URL is the one of a 2Signal server",
	KindNetwork:      "check the base URL and the network",
}

// Kind says what can be done.
func (e *APIError) Kind() Kind { return e.kind }

func (e *APIError) Error() string {
	what := "not sent"
	if e.Status != 0 {
		what = strings.TrimSpace(fmt.Sprintf("%d %s", e.Status, e.Code))
	}
	if e.RequestID != "" {
		what += " (request " + e.RequestID + ")"
	}
	return fmt.Sprintf("2Signal: %s: %s; %s", what, e.Message, advice[e.kind])
}

// Kind is KindNetwork.
func (e *NetworkError) Kind() Kind { return KindNetwork }

func (e *NetworkError) Error() string {
	return fmt.Sprintf("2Signal: no answer: %v; %s", e.cause, advice[KindNetwork])
}

// Unwrap is the error of the network or the context, so that errors.Is(err, context.Canceled) tells.
func (e *NetworkError) Unwrap() error { return e.cause }

// refused is the error of a request that is not sent.
func refused(kind Kind, code, message string) *APIError {
	return &APIError{Code: code, Message: message, kind: kind}
}

// failure is the error of an answer that is no success; `hide` takes the key out of what the server says.
func failure(got *answer, hide func(string) string) *APIError {
	name, known := policy.Kinds[got.status]
	kind := Kind(name)
	switch {
	case known:
	case got.status >= http.StatusInternalServerError:
		kind = KindServer
	default:
		kind = KindRefused
	}
	message := "the answer is no error object: " + excerpt(got.body)
	var body api.Error
	if json.Unmarshal(got.body, &body) == nil && body.Error != (api.Error_Error{}) {
		message = body.Error.Message
	}
	return &APIError{
		Code: hide(body.Error.Code), Message: hide(message), Status: got.status, RequestID: got.header.Get("X-Request-Id"), kind: kind,
	}
}

// unreadable is the error of a success that is not what the document says.
func unreadable(got *answer, problem error, hide func(string) string) *APIError {
	message := fmt.Sprintf("the answer cannot be read (%v): %s", problem, excerpt(got.body))
	return &APIError{Message: hide(message), Status: got.status, RequestID: got.header.Get("X-Request-Id"), kind: KindAnswer}
}

// excerpt is the beginning of a body, quoted.
func excerpt(body []byte) string {
	const most = 200
	if len(body) > most {
		return fmt.Sprintf("%q...", body[:most])
	}
	return fmt.Sprintf("%q", body)
}

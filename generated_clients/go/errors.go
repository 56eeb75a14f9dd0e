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
	KindUnexpected   Kind = "unexpected"
	KindResponse     Kind = "response"
	KindNetwork      Kind = "network"
)

// TwoSignalError is every error of this package: an *APIError or a *NetworkError.
type TwoSignalError interface {
	error
	Kind() Kind
}

// APIError is a response that is no success, a success that cannot be read, or a request that the client does not send.
type APIError struct {
	// Code is that of the response, also one that nobody knows; empty when the response is no error object.
	Code string
	// Message is for people.
	Message string
	// Status is the one of HTTP; 0 when nothing was sent.
	Status int
	// RequestID is the response's X-Request-Id, if any.
	RequestID string

	kind Kind
}

// NetworkError is a request that got no response: the connection could not be made or broke, time ran out, the context ended.
type NetworkError struct {
	message string
	cause   error
}

// advice says what to do next; it is the end of every message.
var advice = map[Kind]string{
	KindValidation:   "correct the request, sending it again does not help",
	KindUnauthorized: "check the key in TWOSIGNAL_API_KEY, or log in again",
	KindNotFound:     "check the name, and the project that the key belongs to",
	KindTooLarge:     "send less at once",
	KindRateLimited:  "send less often, or allow for longer waits",
	KindServer:       "the server is in trouble, try again later",
	KindUnexpected:   "check the base URL",
	KindResponse:     "check that the base URL is the one of a 2Signal server",
	KindNetwork:      "check the base URL and the network",
}

// Kind says what can be done.
func (e *APIError) Kind() Kind { return e.kind }

func (e *APIError) Error() string {
	what := "not sent"
	switch {
	case e.Status != 0:
		what = strings.TrimSpace(fmt.Sprintf("%d %s", e.Status, e.Code))
	case e.kind == KindResponse:
		what = "the pages do not end"
	}
	if e.RequestID != "" {
		what += " (request " + e.RequestID + ")"
	}
	return fmt.Sprintf("2Signal: %s: %s; %s", what, e.Message, advice[e.kind])
}

// Kind is KindNetwork.
func (e *NetworkError) Kind() Kind { return KindNetwork }

func (e *NetworkError) Error() string {
	return fmt.Sprintf("2Signal: no response: %s; %s", e.message, advice[KindNetwork])
}

// Unwrap is the error of the network or the context, so that errors.Is(err, context.Canceled) tells; nil when its text had the
// key in it.
func (e *NetworkError) Unwrap() error { return e.cause }

// notSent is the error of a request that is not sent.
func notSent(kind Kind, code, message string) *APIError {
	return &APIError{Code: code, Message: message, kind: kind}
}

// noResponse is the error of a request that got no response; `hide` takes secrets out of a text.
func noResponse(cause error, hide func(string) string) *NetworkError {
	said := cause.Error()
	message := hide(said)
	if message != said {
		cause = nil
	}
	return &NetworkError{message, cause}
}

// errorOf is the error of a response that is no success; `hide` takes secrets out of what the server said.
func errorOf(got *response, hide func(string) string) *APIError {
	name, known := policy.Kinds[got.status]
	kind := Kind(name)
	switch {
	case known:
	case got.status >= http.StatusInternalServerError:
		kind = KindServer
	default:
		kind = KindUnexpected
	}
	message := "the response is no error object: " + excerpt(hide(string(got.body)))
	var body api.Error
	if json.Unmarshal(got.body, &body) == nil && body.Error != (api.Error_Error{}) {
		message = body.Error.Message
	}
	return &APIError{Code: hide(body.Error.Code), Message: hide(message), Status: got.status, RequestID: hide(requestID(got)), kind: kind}
}

// unreadable is the error of a success that is not what the document says. It does not quote the body, which may be a session.
func unreadable(got *response, problem error, hide func(string) string) *APIError {
	message := fmt.Sprintf("the response cannot be read: %s", reason(problem))
	return &APIError{Message: hide(message), Status: got.status, RequestID: hide(requestID(got)), kind: KindResponse}
}

func requestID(got *response) string { return got.header.Get("X-Request-Id") }

// excerpt is the beginning of a body, quoted.
func excerpt(body string) string {
	const most = 200
	if len(body) > most {
		return fmt.Sprintf("%q...", body[:most])
	}
	return fmt.Sprintf("%q", body)
}

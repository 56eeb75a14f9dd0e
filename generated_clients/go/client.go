// Package twosignal is a client of the 2Signal REST API: it does what openapi.yaml says about retries, batches, pages and errors,
// with the code that is generated from it.
//
// Requests and responses are types of twosignal-client/generated/api, instants of twosignal-client/utc. Numbers and
// names of the document come from twosignal-client/generated/policy; none stands in this package.
package twosignal

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"twosignal-client/generated/policy"
)

const (
	// One request, until its response is read.
	defaultTimeout = 30 * time.Second
	// All waits of one call after 429 together: a caller who would wait longer should get an error, and not hang.
	defaultLongestWait = 300 * time.Second
)

// Client speaks to one server with one API key. It may be used by many goroutines at once.
type Client struct {
	settings
	server  string
	key     secret
	session session
}

// secret gives a text. It is a function because package fmt prints all strings of a struct, but only the address of a function.
type secret func() string

type settings struct {
	baseURL     string
	apiKey      secret
	timeout     time.Duration
	longestWait time.Duration
	transport   http.RoundTripper
	sleep       func(context.Context, time.Duration) error
	now         func() time.Time
}

// Option is a setting of NewClient.
type Option func(*settings)

// WithBaseURL names the server; a URL that ends in /api/v1 means the same. Without it TWOSIGNAL_BASE_URL does, else the document.
func WithBaseURL(baseURL string) Option { return func(s *settings) { s.baseURL = baseURL } }

// WithAPIKey gives the key. Without it TWOSIGNAL_API_KEY does.
func WithAPIKey(key string) Option {
	return func(s *settings) { s.apiKey = func() string { return key } }
}

// WithTimeout is the time for one request, until its response is read; 30 seconds without it.
func WithTimeout(timeout time.Duration) Option { return func(s *settings) { s.timeout = timeout } }

// WithLongestWait is the time that the waits of one call after 429 may take together; 300 seconds without it.
func WithLongestWait(wait time.Duration) Option { return func(s *settings) { s.longestWait = wait } }

// WithTransport sends the requests; http.DefaultTransport without it.
func WithTransport(transport http.RoundTripper) Option {
	return func(s *settings) { s.transport = transport }
}

// WithSleep waits between a request and the next; it ends early with an error when the context ends. For tests.
func WithSleep(sleep func(context.Context, time.Duration) error) Option {
	return func(s *settings) { s.sleep = sleep }
}

// WithClock tells the time, which dates in headers are compared with. For tests.
func WithClock(now func() time.Time) Option { return func(s *settings) { s.now = now } }

// NewClient makes a client and checks its settings. Only a call that needs a key checks that there is one.
func NewClient(options ...Option) (*Client, error) {
	chosen := settings{
		baseURL:     environment("TWOSIGNAL_BASE_URL", policy.DefaultBaseURL),
		apiKey:      func() string { return environment("TWOSIGNAL_API_KEY", "") },
		timeout:     defaultTimeout,
		longestWait: defaultLongestWait,
		sleep:       sleep,
		now:         time.Now,
	}
	for _, option := range options {
		option(&chosen)
	}
	if chosen.transport == nil {
		chosen.transport = http.DefaultTransport
	}
	server, err := origin(chosen.baseURL)
	if err != nil {
		return nil, err
	}
	key := strings.TrimSpace(chosen.apiKey())
	if !isSendable(key) {
		return nil, notSent(KindValidation, policy.CodeInvalidValue, "the API key holds characters that no key has; expected ts_...")
	}
	if chosen.timeout <= 0 || chosen.longestWait < 0 {
		return nil, notSent(KindValidation, policy.CodeInvalidValue, fmt.Sprintf(
			"the timeout is %v and the longest wait %v; expected more than 0, and 0 or more", chosen.timeout, chosen.longestWait))
	}
	return &Client{settings: chosen, server: server, key: func() string { return key }}, nil
}

// String names the server, and not the key.
func (client *Client) String() string { return fmt.Sprintf("twosignal.Client(%s)", client.server) }

// GoString names the server, and not the key.
func (client *Client) GoString() string { return client.String() }

// environment is a variable without white space around it, or the other value when it is empty.
func environment(name, otherwise string) string {
	if value := strings.TrimSpace(os.Getenv(name)); value != "" {
		return value
	}
	return otherwise
}

// Of what is no URL every library has its own idea, so only what all of them read alike is let through.
var address = regexp.MustCompile(`^(?i:https?)://[^/?#@\\\x00-\x20\x7f]+(/[^?#\\\x00-\x20\x7f]*)?$`)

// origin is a base URL as the generated code wants it: without the prefix of all paths, with a slash at its end.
func origin(baseURL string) (string, error) {
	trimmed := strings.TrimSpace(baseURL)
	base, err := url.Parse(trimmed)
	if err != nil || base.Hostname() == "" || !address.MatchString(trimmed) || !isPort(base.Port()) {
		// It is not quoted: it may hold a password.
		return "", notSent(KindValidation, policy.CodeInvalidValue,
			fmt.Sprintf("the base URL is none; expected one such as %s, without user, password, query and fragment", policy.DefaultBaseURL))
	}
	path := strings.TrimSuffix(strings.TrimRight(base.EscapedPath(), "/"), policy.Prefix)
	return base.Scheme + "://" + base.Host + strings.TrimRight(path, "/") + "/", nil
}

// isPort tells whether there can be such a port; an empty one is that of the scheme.
func isPort(text string) bool {
	_, err := strconv.ParseUint(text, 10, 16)
	return text == "" || err == nil
}

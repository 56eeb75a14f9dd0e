package twosignal_test

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	twosignal "twosignal-client"
)

const key = "ts_secret_of_the_tests"

var errBroken = errors.New("connection reset by peer")

// response is what a server says; a status of 0 breaks the connection.
type response struct {
	status int
	header http.Header
	body   string
}

// server plays responses, the last one for ever, and remembers what was asked and how long the client waited.
type server struct {
	responses []response
	requests  []*http.Request
	bodies    []string
	waits     []time.Duration
	// breaking is the error of a connection that breaks; errBroken when it is nil.
	breaking error
}

func (s *server) RoundTrip(request *http.Request) (*http.Response, error) {
	body := ""
	if request.Body != nil {
		content, err := io.ReadAll(request.Body)
		if err != nil {
			return nil, err
		}
		body = string(content)
	}
	s.requests, s.bodies = append(s.requests, request), append(s.bodies, body)
	said := s.responses[min(len(s.requests), len(s.responses))-1]
	if said.status == 0 {
		return nil, cmp.Or(s.breaking, errBroken)
	}
	if said.header == nil {
		said.header = http.Header{}
	}
	return &http.Response{StatusCode: said.status, Header: said.header, Body: io.NopCloser(strings.NewReader(said.body))}, nil
}

func (s *server) sleep(ctx context.Context, wait time.Duration) error {
	s.waits = append(s.waits, wait)
	return ctx.Err()
}

func (s *server) client(t *testing.T, options ...twosignal.Option) *twosignal.Client {
	t.Helper()
	options = append([]twosignal.Option{
		twosignal.WithBaseURL("http://server.test/api/v1"), twosignal.WithAPIKey(key),
		twosignal.WithTransport(s), twosignal.WithSleep(s.sleep),
	}, options...)
	client, err := twosignal.NewClient(options...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func equal[Item comparable](t *testing.T, what string, got, expected []Item) {
	t.Helper()
	if !slices.Equal(got, expected) {
		t.Errorf("%s: got %v, expected %v", what, got, expected)
	}
}

func ok(body string) response { return response{status: http.StatusOK, body: body} }

var healthy = ok(`{"status": "ok"}`)

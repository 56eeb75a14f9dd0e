package twosignal_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"testing"
	"time"

	twosignal "twosignal-client"
	"twosignal-client/generated/api"
	"twosignal-client/generated/policy"
)

const second = time.Second

var (
	broken = response{}
	now    = time.Date(2026, 3, 14, 10, 0, 0, 0, time.UTC)
)

// delays stand before that many retries.
func delays(count int) []time.Duration {
	last := policy.BackoffDelays[len(policy.BackoffDelays)-1]
	return append(slices.Clone(policy.BackoffDelays), slices.Repeat([]time.Duration{last}, count)...)[:count]
}

func limited(header ...string) response {
	said := response{status: policy.WaitStatuses[0], header: http.Header{}}
	for index := 0; index < len(header); index += 2 {
		said.header.Set(header[index], header[index+1])
	}
	return said
}

func TestWaitsAsLongAsTheAnswerSays(t *testing.T) {
	date := func(instant time.Time) string { return instant.Format(http.TimeFormat) }
	unix := func(instant int64) string { return strconv.FormatInt(instant, 10) }
	first, next := policy.WaitHeaders[0], policy.WaitHeaders[1]
	for name, test := range map[string]struct {
		said response
		wait time.Duration
	}{
		"seconds":                       {limited(first, "7"), 7 * second},
		"the first header counts":       {limited(first, "3", next, "9"), 3 * second},
		"the next one without it":       {limited(next, "9"), 9 * second},
		"the next one when odd":         {limited(first, "soon", next, "9"), 9 * second},
		"HTTP date, by our clock":       {limited(first, date(now.Add(5*second))), 5 * second},
		"HTTP date, by the server's":    {limited(first, date(now.Add(5*second)), "Date", date(now.Add(3*second))), 2 * second},
		"a date that is over":           {limited(first, date(now.Add(-5*second))), policy.BackoffDelays[0]},
		"Unix time in seconds":          {limited(policy.ResetHeader, unix(now.Unix()+4)), 4 * second},
		"Unix time in milliseconds":     {limited(policy.ResetHeader, unix(now.UnixMilli()+1500)), 1500 * time.Millisecond},
		"the first delay without any":   {limited(), policy.BackoffDelays[0]},
		"a negative number is no delay": {limited(first, "-3"), policy.BackoffDelays[0]},
		"zero is no delay":              {limited(first, "0"), policy.BackoffDelays[0]},
		"a fraction":                    {limited(first, "2.5"), 2500 * time.Millisecond},
		"a date of RFC 850":             {limited(first, "Saturday, 14-Mar-26 10:00:05 GMT"), 5 * second},
		"a date of asctime":             {limited(first, "Sat Mar 14 10:00:05 2026"), 5 * second},
		"a date that is no day":         {limited(first, "Sat, 31 Feb 2026 10:00:05 GMT", next, "9"), 9 * second},
		"another zone":                  {limited(first, "Sat, 14 Mar 2026 10:00:05 PST", next, "9"), 9 * second},
	} {
		t.Run(name, func(t *testing.T) {
			s := &server{responses: []response{test.said, healthy}}
			_, err := s.client(t, twosignal.WithClock(func() time.Time { return now })).Health(context.Background())
			if err != nil {
				t.Error(err)
			}
			equal(t, "waits", s.waits, []time.Duration{test.wait})
		})
	}
}

func TestGivesUpWhenTheWaitsGrowTooLong(t *testing.T) {
	s := &server{responses: []response{limited(policy.WaitHeaders[0], "4")}}
	_, err := s.client(t, twosignal.WithLongestWait(10*second)).Health(context.Background())
	equal(t, "waits", s.waits, []time.Duration{4 * second, 4 * second})
	expectKind(t, err, twosignal.KindRateLimited)
}

func TestNoServerMakesACallWaitForEver(t *testing.T) {
	for value, count := range map[string]int{
		"0": 5, "0.001": 5, "12345678901234567890": 0, "Fri, 31 Dec 9999 23:59:59 GMT": 0, strconv.FormatInt(now.Unix()+4, 10): 0,
	} {
		s := &server{responses: []response{limited(headerOfSeconds(), value)}}
		_, err := s.client(t, twosignal.WithLongestWait(5*policy.BackoffDelays[0])).Health(context.Background())
		expectKind(t, err, twosignal.KindRateLimited)
		equal(t, "waits for "+value, s.waits, slices.Repeat(policy.BackoffDelays[:1], count))
	}
}

// headerOfSeconds is a header whose number is never a Unix time.
func headerOfSeconds() string {
	return policy.WaitHeaders[slices.IndexFunc(policy.WaitHeaders, func(name string) bool { return name != policy.ResetHeader })]
}

func TestServerErrorsAndBrokenConnectionsAreRetriedAsDocumented(t *testing.T) {
	most := delays(policy.MostRetries)
	causes := map[string]response{"broken": broken}
	for _, status := range policy.BackoffStatuses {
		causes[strconv.Itoa(status)] = response{status: status}
	}
	for name, cause := range causes {
		t.Run(name, func(t *testing.T) {
			s := &server{responses: append(slices.Repeat([]response{cause}, policy.MostRetries), healthy)}
			if _, err := s.client(t).Health(context.Background()); err != nil {
				t.Error(err)
			}
			equal(t, "waits before a success", s.waits, most)
			s = &server{responses: []response{cause}}
			if _, err := s.client(t).Health(context.Background()); err == nil {
				t.Error("no error for a server that is down")
			}
			equal(t, "waits of a server that is down", s.waits, most)
		})
	}
}

func TestAWaitUsesUpNoRetry(t *testing.T) {
	down := response{status: policy.BackoffStatuses[0]}
	wait := limited(policy.WaitHeaders[0], "9")
	s := &server{responses: []response{down, wait, down, broken, wait, healthy}}
	if _, err := s.client(t).Health(context.Background()); err != nil {
		t.Error(err)
	}
	equal(t, "waits", s.waits, slices.Insert(append(delays(3), 9*second), 1, 9*second))
}

func TestOtherStatusesAreNeverRetried(t *testing.T) {
	for _, status := range append([]int{302, 403, 405, 413, 415, 501}, policy.NeverStatuses...) {
		s := &server{responses: []response{{status: status}}}
		if _, err := s.client(t).Health(context.Background()); err == nil || len(s.requests) != 1 {
			t.Errorf("%d: %d requests and error %v; expected one request and an error", status, len(s.requests), err)
		}
	}
}

func TestWhatIsSentAgainIsTheSame(t *testing.T) {
	s := &server{responses: []response{broken, {status: policy.BackoffStatuses[0]}, limited(), ok(`{"accepted": 1}`)}}
	_, err := s.client(t).Ingest(context.Background(), []twosignal.Event{twosignal.NewTrace(api.TraceBody{ID: "t", Name: "n"})})
	if err != nil {
		t.Error(err)
	}
	equal(t, "bodies", s.bodies, slices.Repeat(s.bodies[:1], 4))
}

func TestARefreshIsNotSentAgainAfterABrokenConnection(t *testing.T) {
	session := ok(`{"data": {"access_token": "a", "refresh_token": "r", "expires_at": 1, "user": {"id": "u", "email": "e"}}}`)
	s := &server{responses: []response{session, {status: policy.BackoffStatuses[0]}, broken}}
	client := s.client(t)
	if _, err := client.Login(context.Background(), "e", "p"); err != nil {
		t.Fatal(err)
	}
	_, err := client.Refresh(context.Background())
	expectKind(t, err, twosignal.KindNetwork)
	if len(s.requests) != 3 {
		t.Errorf("%d requests; expected a login, a refresh, and one more after the 5xx", len(s.requests))
	}
}

func TestAContextEndsTheWaiting(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	s := &server{responses: []response{{status: policy.BackoffStatuses[0]}}}
	sleep := func(ctx context.Context, _ time.Duration) error {
		cancel()
		return ctx.Err()
	}
	_, err := s.client(t, twosignal.WithSleep(sleep)).Health(ctx)
	if !errors.Is(err, context.Canceled) || len(s.requests) != 1 {
		t.Errorf("%d requests, error %v; expected one and context.Canceled", len(s.requests), err)
	}
	expectKind(t, err, twosignal.KindNetwork)
}

func TestATimeOutIsABrokenConnection(t *testing.T) {
	release := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer slow.Close()
	defer close(release)
	s := &server{}
	_, err := s.client(t, twosignal.WithBaseURL(slow.URL), twosignal.WithTransport(http.DefaultTransport),
		twosignal.WithTimeout(20*time.Millisecond)).Health(context.Background())
	expectKind(t, err, twosignal.KindNetwork)
	equal(t, "waits", s.waits, delays(policy.MostRetries))
}

// net/http would send a GET again at once when a kept connection breaks, and the client would not know.
func TestNothingIsSentAgainWithoutAWait(t *testing.T) {
	asked := 0
	breaking := httptest.NewServer(http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		if asked++; asked == 2 {
			panic(http.ErrAbortHandler)
		}
		if request.ContentLength != 0 || len(request.TransferEncoding) > 0 {
			t.Errorf("a GET came with a body of %d bytes, %v", request.ContentLength, request.TransferEncoding)
		}
		_, _ = writer.Write([]byte(healthy.body))
	}))
	defer breaking.Close()
	s := &server{}
	client := s.client(t, twosignal.WithBaseURL(breaking.URL), twosignal.WithTransport(http.DefaultTransport))
	for range 2 {
		if _, err := client.Health(context.Background()); err != nil {
			t.Error(err)
		}
	}
	equal(t, "waits", s.waits, policy.BackoffDelays[:1])
}

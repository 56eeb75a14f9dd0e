package twosignal

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"twosignal-client/generated/policy"
)

// retries decides after each attempt of one request whether and when there is another.
type retries struct {
	client *Client
	once   bool
	count  int
	waited time.Duration
}

// next is the time to wait before the next attempt; false when there is none. `got` is nil when no response came.
func (r *retries) next(got *response) (time.Duration, bool) {
	switch {
	case got == nil && r.once:
		return 0, false
	case got == nil:
		return r.backoff()
	case slices.Contains(policy.NeverStatuses, got.status):
		return 0, false
	case slices.Contains(policy.WaitStatuses, got.status):
		wait := r.client.askedWait(got.header)
		r.waited += wait
		return wait, r.waited <= r.client.longestWait
	case slices.Contains(policy.BackoffStatuses, got.status):
		return r.backoff()
	default:
		return 0, false
	}
}

func (r *retries) backoff() (time.Duration, bool) {
	delays := policy.BackoffDelays
	wait := delays[min(r.count, len(delays)-1)]
	r.count++
	return wait, r.count <= policy.MostRetries
}

// askedWait is the wait that the response asks for by the first header that it has; without any, the first delay.
func (client *Client) askedWait(header http.Header) time.Duration {
	// Dates of the server are compared with its own clock, since ours may be wrong.
	now, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		now = client.now()
	}
	for _, name := range policy.WaitHeaders {
		if wait, ok := waitOf(header.Get(name), now); ok {
			return max(wait, 0)
		}
	}
	return policy.BackoffDelays[0]
}

// A larger number is a Unix time in seconds, one that is a thousand times larger is one in milliseconds: nobody waits 30 years.
const smallestUnixTime = 1_000_000_000

// waitOf reads whole seconds, a Unix time or an HTTP date (RFC 9110 section 10.2.3).
func waitOf(value string, now time.Time) (time.Duration, bool) {
	if date, err := http.ParseTime(value); err == nil {
		return date.Sub(now), true
	}
	number, err := strconv.ParseInt(value, 10, 64)
	switch {
	case err != nil:
		return 0, false
	case number >= 1000*smallestUnixTime:
		return time.UnixMilli(number).Sub(now), true
	case number >= smallestUnixTime:
		return time.Unix(number, 0).Sub(now), true
	default:
		return time.Duration(number) * time.Second, true
	}
}

// sleep waits, or ends with the context.
func sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

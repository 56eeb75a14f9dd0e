package twosignal

import (
	"context"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
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
		if wait > r.client.longestWait-r.waited {
			return 0, false
		}
		r.waited += wait
		return wait, true
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

// askedWait is the wait that the response asks for by the first header that can be read, and never less than the first delay: a
// server that asks for no wait, again and again, comes to the longest wait of a call like any other.
func (client *Client) askedWait(header http.Header) time.Duration {
	// Dates of the server are compared with its own clock, since ours may be wrong.
	now, known := httpDate(trimmed(header, "Date"), client.now())
	if !known {
		now = client.now()
	}
	for _, name := range policy.WaitHeaders {
		if wait, ok := waitOf(name, trimmed(header, name), now); ok {
			return max(wait, policy.BackoffDelays[0])
		}
	}
	return policy.BackoffDelays[0]
}

func trimmed(header http.Header, name string) string { return strings.Trim(header.Get(name), " \t") }

var number = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)

// unixTimes are numbers from 2001 to 5138, and how many make a second. Every other number is a wait, most of them a very long one.
var unixTimes = []struct{ least, most, unit float64 }{{1e9, 1e11, 1}, {1e12, 1e14, 1000}}

// waitOf reads seconds, an HTTP date (RFC 9110 section 10.2.3) or, of the reset alone, a Unix time.
func waitOf(name, value string, now time.Time) (time.Duration, bool) {
	if !number.MatchString(value) {
		date, ok := httpDate(value, now)
		return date.Sub(now), ok
	}
	// Too many digits are infinitely many seconds, which is an error here and a long wait to us.
	seconds, _ := strconv.ParseFloat(value, 64)
	for _, each := range unixTimes {
		if name == policy.ResetHeader && seconds >= each.least && seconds < each.most {
			return time.UnixMilli(int64(seconds / each.unit * 1000)).Sub(now), true
		}
	}
	if seconds >= math.MaxInt64/float64(time.Second) {
		return math.MaxInt64, true
	}
	return time.Duration(seconds * float64(time.Second)), true
}

// The three forms of RFC 9110 section 5.6.7: as they are sent today, as RFC 850 has them, and as asctime writes them.
var dateForms = []struct {
	form   *regexp.Regexp
	layout string
}{
	{regexp.MustCompile(`^[A-Z][a-z]{2}, ([0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8}) GMT$`), "02 Jan 2006 15:04:05"},
	{regexp.MustCompile(`^[A-Z][a-z]{5,8}, ([0-9]{2}-[A-Z][a-z]{2}-[0-9]{2} [0-9:]{8}) GMT$`), "02-Jan-06 15:04:05"},
	{regexp.MustCompile(`^[A-Z][a-z]{2} ([A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8} [0-9]{4})$`), "Jan _2 15:04:05 2006"},
}

var leapSecond = regexp.MustCompile(`:60( |$)`)

// No server was asked before.
const firstYear = 1970

// httpDate is the instant that a date names, always of UTC; false when it is none. `now` tells the century of two digits.
func httpDate(value string, now time.Time) (time.Time, bool) {
	for _, each := range dateForms {
		found := each.form.FindStringSubmatch(value)
		if found == nil {
			continue
		}
		// A leap second, which package time does not know.
		text := leapSecond.ReplaceAllString(found[1], ":59$1")
		date, err := time.Parse(each.layout, text)
		if text != found[1] {
			date = date.Add(time.Second)
		}
		if strings.Contains(each.layout, "-06 ") {
			year := now.UTC().Year() - now.UTC().Year()%100 + date.Year()%100
			if year > now.UTC().Year()+50 {
				year -= 100
			}
			date = date.AddDate(year-date.Year(), 0, 0)
		}
		return date, err == nil && date.Year() >= firstYear
	}
	return time.Time{}, false
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

package twosignal_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	twosignal "twosignal-client"
	"twosignal-client/generated/api"
	"twosignal-client/generated/policy"
	"twosignal-client/utc"
)

func TestBaseURLsWithAndWithoutThePrefixMeanTheSame(t *testing.T) {
	for base, expected := range map[string]string{
		"http://server.test":                         "http://server.test" + policy.Prefix + "/health",
		"http://server.test/":                        "http://server.test" + policy.Prefix + "/health",
		" http://server.test" + policy.Prefix:        "http://server.test" + policy.Prefix + "/health",
		"http://server.test" + policy.Prefix + "/":   "http://server.test" + policy.Prefix + "/health",
		"https://proxy.test:8443/2signal":            "https://proxy.test:8443/2signal" + policy.Prefix + "/health",
		"https://proxy.test/2signal" + policy.Prefix: "https://proxy.test/2signal" + policy.Prefix + "/health",
	} {
		s := &server{responses: []response{healthy}}
		if _, err := s.client(t, twosignal.WithBaseURL(base)).Health(context.Background()); err != nil {
			t.Error(err)
		} else if got := s.requests[0].URL.String(); got != expected {
			t.Errorf("%q asks %s; expected %s", base, got, expected)
		}
	}
	for _, base := range []string{"", "server.test", "ftp://server.test", "http://", "http://a b", "http://:80",
		"http://me:hush@server.test", "http://hush@server.test", "http://server.test?hush", "http://server.test#hush"} {
		_, err := twosignal.NewClient(twosignal.WithBaseURL(base))
		if expectKind(t, err, twosignal.KindValidation); err != nil && strings.Contains(err.Error(), "hush") {
			t.Errorf("the error quotes %s: %v", base, err)
		}
	}
}

func TestTheEnvironmentNamesServerAndKey(t *testing.T) {
	t.Setenv("TWOSIGNAL_BASE_URL", "http://elsewhere.test/api/v1")
	t.Setenv("TWOSIGNAL_API_KEY", "ts_of_the_environment")
	s := &server{responses: []response{healthy}}
	client, err := twosignal.NewClient(twosignal.WithTransport(s))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = client.ListTemplates(context.Background())
	if got := s.requests[0]; got.URL.Host != "elsewhere.test" || got.Header.Get("Authorization") != "Bearer ts_of_the_environment" {
		t.Errorf("asked %s with %v", got.URL, got.Header)
	}
	t.Setenv("TWOSIGNAL_BASE_URL", "")
	if client, _ := twosignal.NewClient(); !strings.Contains(client.String(), policy.DefaultBaseURL) {
		t.Errorf("without a URL: %v", client)
	}
}

func events(count, padding int) []twosignal.Event {
	made := make([]twosignal.Event, count)
	for index := range made {
		made[index] = twosignal.NewTrace(api.TraceBody{ID: fmt.Sprintf("t%06d", index), Name: strings.Repeat("x", padding)})
	}
	return made
}

func TestBatchesHoldAsManyEventsAndBytesAsAllowed(t *testing.T) {
	for name, sent := range map[string][]twosignal.Event{
		"none": nil, "one": events(1, 0), "full": events(policy.IngestTraces.Events, 0), "one more": events(policy.IngestTraces.Events+1, 0),
		"bytes": events(7, policy.IngestTraces.Bytes/3), "halves": events(4, policy.IngestTraces.Bytes/2-160),
	} {
		t.Run(name, func(t *testing.T) {
			s := &server{responses: []response{ok(`{"accepted": 1}`)}}
			accepted, err := s.client(t).Ingest(context.Background(), sent)
			if err != nil || accepted != int64(len(s.bodies)) {
				t.Errorf("accepted %d of %d batches, %v", accepted, len(s.bodies), err)
			}
			ids, sizes := []string{}, []int{}
			for number, body := range s.bodies {
				var batch api.IngestRequest
				if err := json.Unmarshal([]byte(body), &batch); err != nil {
					t.Fatal(err)
				}
				for _, event := range batch.Batch {
					trace, _ := event.AsTraceCreateEvent()
					ids = append(ids, trace.Body.ID)
				}
				sizes = append(sizes, len(body))
				next := math.MaxInt
				if number+1 < len(s.bodies) {
					next = len(body) + 1 + len(s.bodies[number+1])/max(strings.Count(s.bodies[number+1], "trace-create"), 1)
				}
				if len(body) > policy.IngestTraces.Bytes || len(batch.Batch) > policy.IngestTraces.Events ||
					(next <= policy.IngestTraces.Bytes && len(batch.Batch) < policy.IngestTraces.Events) {
					t.Errorf("batch %d has %d events and %d bytes", number, len(batch.Batch), len(body))
				}
			}
			if len(ids) != len(sent) || !slices.IsSorted(ids) {
				t.Errorf("%d events were sent as %d, in order: %v; batches of %v bytes", len(sent), len(ids), slices.IsSorted(ids), sizes)
			}
		})
	}
}

func TestABatchOfExactlyTheLimitIsSentAndOneByteMoreIsNot(t *testing.T) {
	s := &server{responses: []response{ok(`{"accepted": 1}`)}}
	event := func(padding int) []twosignal.Event {
		return []twosignal.Event{twosignal.TraceEvent(api.TraceCreateEvent{ID: "e", Body: api.TraceBody{ID: "t", Name: strings.Repeat("x", padding)}})}
	}
	if _, err := s.client(t).Ingest(context.Background(), event(0)); err != nil {
		t.Fatal(err)
	}
	padding := policy.IngestTraces.Bytes - len(s.bodies[0])
	if _, err := s.client(t).Ingest(context.Background(), event(padding)); err != nil || len(s.bodies[1]) != policy.IngestTraces.Bytes {
		t.Errorf("%d bytes, %v", len(s.bodies[1]), err)
	}
	_, err := s.client(t).Ingest(context.Background(), append(events(2, 0), event(padding+1)...))
	expectKind(t, err, twosignal.KindTooLarge)
	if len(s.bodies) != 2 {
		t.Error("something was sent of a list with an event that cannot fit")
	}
}

func TestARefusedBatchIsHalvedAndAnErrorKeepsTheCount(t *testing.T) {
	large := response{status: 413}
	s := &server{responses: []response{large, ok(`{"accepted": 2}`), large, ok(`{"accepted": 1}`), large}}
	accepted, err := s.client(t).Ingest(context.Background(), events(4, 0))
	expectKind(t, err, twosignal.KindTooLarge)
	counts := []int{}
	for _, body := range s.bodies {
		counts = append(counts, strings.Count(body, "trace-create"))
	}
	equal(t, "events in each request", counts, []int{4, 2, 2, 1, 1})
	if accepted != 3 {
		t.Errorf("accepted %d; expected 3", accepted)
	}
}

func TestValuesArriveAsTheyAre(t *testing.T) {
	s := &server{responses: []response{ok(`{"accepted": 1}`)}}
	local := time.Date(2026, 3, 14, 12, 0, 0, 123456789, time.FixedZone("CET", 2*60*60))
	_, err := s.client(t).Ingest(context.Background(), []twosignal.Event{twosignal.SpanEvent(api.SpanCreateEvent{
		ID: "e", Timestamp: utc.Time{Time: local},
		Body: api.SpanBody{
			TraceID: "t", Name: "n", Type: api.SpanTypeLLM, Cost: twosignal.Ptr(1234567.89), Input: []any{int64(math.MaxInt64), "<&>", nil},
		},
	})})
	expected := `{"batch":[{"body":{"cost":1234567.89,"input":[9223372036854775807,"<&>",null],"name":"n","traceId":"t","type":"LLM"},` +
		`"id":"e","timestamp":"2026-03-14T10:00:00.123456789Z","type":"span-create"}]}`
	if err != nil || s.bodies[0] != expected {
		t.Errorf("%v, sent %s", err, s.bodies[0])
	}
}

func TestNumbersOfFreeFieldsComeAsTheyAre(t *testing.T) {
	s := &server{responses: []response{ok(`{"data": {"traces": [{"id": "t", "totalTokens": 1250.0, "spanCount": 1e1,
		"metadata": {"n": 9007199254740993, "text": "1.0", "half": 0.5}}], "nextCursor": null}}`)}}
	page, err := s.client(t).ListTraces(context.Background(), api.ListTracesParams{})
	if err != nil {
		t.Fatal(err)
	}
	trace := page.Traces[0]
	if trace.TotalTokens != 1250 || trace.SpanCount != 10 || fmt.Sprint(trace.Metadata) != "map[half:0.5 n:9007199254740993 text:1.0]" {
		t.Errorf("got %+v", trace)
	}
	if _, is := trace.Metadata["n"].(json.Number); !is {
		t.Errorf("a number is a %T; expected a json.Number", trace.Metadata["n"])
	}
	s = &server{responses: []response{ok(`{"data": [{"name": "n", "latestVersion": 2.0}]}`)}}
	if templates, err := s.client(t).ListTemplates(context.Background()); err != nil || templates[0].LatestVersion != 2 {
		t.Errorf("got %v, %v", templates, err)
	}
}

func TestAnEventThatIsNoJSONIsNotSent(t *testing.T) {
	s := &server{responses: []response{healthy}}
	for _, event := range []twosignal.Event{{}, twosignal.NewSpan(api.SpanBody{Input: math.NaN()}), twosignal.NewSpan(api.SpanBody{Input: func() {}})} {
		_, err := s.client(t).Ingest(context.Background(), []twosignal.Event{event})
		expectKind(t, err, twosignal.KindValidation)
	}
	for _, value := range []float64{-0.01, 1.01, math.NaN(), math.Inf(1)} {
		_, err := s.client(t).CreateScore(context.Background(), api.ScoreRequest{TraceID: "t", EvaluatorName: "e", Value: value})
		expectKind(t, err, twosignal.KindValidation)
	}
	if len(s.requests) != 0 {
		t.Error("something was sent")
	}
}

func page(next string, ids ...string) response {
	traces := make([]string, len(ids))
	for index, id := range ids {
		traces[index] = fmt.Sprintf(`{"id": %q}`, id)
	}
	return ok(fmt.Sprintf(`{"data": {"traces": [%s], "nextCursor": %s}, "error": null}`, strings.Join(traces, ","), next))
}

func TestAWalkIsLazyKeepsItsFiltersAndCanBeMadeAgain(t *testing.T) {
	s := &server{responses: []response{page(`"c=1"`, "a", "b"), page(`"c2"`), page("null", "c"), page("null", "a")}}
	date, _ := utc.Parse("2026-03-01T00:00:00Z")
	walk := s.client(t).IterateTraces(context.Background(), api.ListTracesParams{
		Tags: []string{"a b", "c"}, Status: twosignal.Ptr(api.StatusERROR), StartDate: &date,
	})
	if len(s.requests) != 0 {
		t.Error("a page was fetched before it was needed")
	}
	ids := []string{}
	for trace, err := range walk {
		if ids = append(ids, trace.ID); err != nil || (trace.ID == "b" && len(s.requests) != 1) {
			t.Errorf("after %d requests: %v", len(s.requests), err)
		}
	}
	for trace := range walk {
		ids = append(ids, trace.ID)
		break
	}
	equal(t, "traces", ids, []string{"a", "b", "c", "a"})
	queries := []string{}
	for _, request := range s.requests {
		query := request.URL.Query()
		queries = append(queries, query.Get("cursor"))
		query.Del("cursor")
		expected := fmt.Sprintf("limit=%d&startDate=2026-03-01T00%%3A00%%3A00Z&status=ERROR&tags=a+b%%2Cc", int(policy.ListTracesLimit.Most))
		if query.Encode() != expected {
			t.Errorf("query is %s; expected %s", query.Encode(), expected)
		}
	}
	equal(t, "cursors", queries, []string{"", "c=1", "c2", ""})
}

func TestAnErrorEndsAWalk(t *testing.T) {
	s := &server{responses: []response{page(`"c"`, "a"), {status: 404}}}
	count := 0
	for _, err := range s.client(t).IterateTraces(context.Background(), api.ListTracesParams{}) {
		if err != nil {
			count++
			expectKind(t, err, twosignal.KindNotFound)
		}
	}
	if count != 1 || len(s.requests) != 2 {
		t.Errorf("%d errors, %d requests", count, len(s.requests))
	}
}

func TestASessionUsesItsNewTokens(t *testing.T) {
	expires := time.Now().Add(time.Hour)
	session := func(number int) response {
		return ok(fmt.Sprintf(`{"data": {"access_token": "a%d", "refresh_token": "r%d", "expires_at": %d, "user": {"id": "u", "email": "e"}}}`, number, number, expires.Unix()))
	}
	s := &server{responses: []response{session(1), session(2), session(3), ok(`{"data": {"success": true}}`)}}
	client, ctx := s.client(t), context.Background()
	_, first := client.Login(ctx, "e", "p")
	_, second := client.Refresh(ctx)
	_, third := client.Refresh(ctx)
	if err := errors.Join(first, second, third, client.Logout(ctx)); err != nil {
		t.Fatal(err)
	}
	equal(t, "bodies", s.bodies, []string{`{"email":"e","password":"p"}`, `{"refresh_token":"r1"}`, `{"refresh_token":"r2"}`, ""})
	if got := s.requests[3].Header.Get("Authorization"); got != "Bearer a3" {
		t.Errorf("logout with %q", got)
	}
	_, err := client.Refresh(ctx)
	expectKind(t, err, twosignal.KindUnauthorized)
}

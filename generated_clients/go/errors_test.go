package twosignal_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	twosignal "twosignal-client"
	"twosignal-client/generated/api"
	"twosignal-client/generated/policy"
)

func expectKind(t *testing.T, err error, kind twosignal.Kind) {
	t.Helper()
	var typed twosignal.TwoSignalError
	if !errors.As(err, &typed) {
		t.Errorf("error %v; expected one of kind %s", err, kind)
	} else if typed.Kind() != kind {
		t.Errorf("error %v has kind %s; expected %s", err, typed.Kind(), kind)
	}
}

func TestAnErrorTellsKindCodeStatusMessageAndRequest(t *testing.T) {
	const body = `{"error": {"code": "ODD", "message": "what came", "hint": 1}, "data": null}`
	for status, kind := range map[int]twosignal.Kind{
		400: twosignal.KindValidation, 401: twosignal.KindUnauthorized, 404: twosignal.KindNotFound, 413: twosignal.KindTooLarge,
		429: twosignal.KindRateLimited, 500: twosignal.KindServer, 501: twosignal.KindServer, 415: twosignal.KindUnexpected,
		302: twosignal.KindUnexpected,
	} {
		s := &server{responses: []response{{status: status, body: body, header: http.Header{"X-Request-Id": {"r-1"}}}}}
		_, err := s.client(t, twosignal.WithLongestWait(0)).Health(context.Background())
		expectKind(t, err, kind)
		var apiError *twosignal.APIError
		if !errors.As(err, &apiError) || apiError.Code != "ODD" || apiError.Message != "what came" || apiError.Status != status ||
			apiError.RequestID != "r-1" {
			t.Errorf("%d: got %#v", status, apiError)
		}
	}
}

func TestAnErrorWithoutAnErrorObjectIsTypedToo(t *testing.T) {
	for _, body := range []string{"", "<html>", "null", `{"error": "no"}`, `{"error": {"code": 7}}`, "[]"} {
		s := &server{responses: []response{{status: http.StatusNotFound, body: body}}}
		_, err := s.client(t).Health(context.Background())
		expectKind(t, err, twosignal.KindNotFound)
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q", body)) {
			t.Errorf("%q: error %v does not show the body", body, err)
		}
	}
}

func TestASuccessThatCannotBeReadIsATypedError(t *testing.T) {
	for _, body := range []string{"", "<html>", "{}", "null", `{"data": 1}`, `{"data": {"nextCursor": null}}`} {
		s := &server{responses: []response{ok(body)}}
		_, err := s.client(t).ListTraces(context.Background(), api.ListTracesParams{})
		expectKind(t, err, twosignal.KindResponse)
	}
}

func TestASuccessThatLacksAFieldIsNotTakenForOneOfEmptyValues(t *testing.T) {
	ctx := context.Background()
	s := &server{responses: []response{ok(`{"data": {}}`)}}
	client := s.client(t)
	_, routed := client.RouteModel(ctx, "hello", "")
	_, listed := client.ListTraces(ctx, api.ListTracesParams{})
	_, opened := client.Login(ctx, "e", "p")
	_, scored := client.CreateScore(ctx, api.ScoreRequest{TraceID: "t", EvaluatorName: "e"})
	_, ingested := client.Ingest(ctx, []twosignal.Event{twosignal.NewTrace(api.TraceBody{ID: "t"})})
	for _, err := range []error{routed, listed, opened, scored, ingested, client.Logout(ctx)} {
		if err != nil && strings.Contains(err.Error(), "no session") {
			continue
		}
		expectKind(t, err, twosignal.KindResponse)
	}
}

func TestUnknownFieldsAndValuesDoNoHarm(t *testing.T) {
	s := &server{responses: []response{ok(`{"data": {"traces": [{"id": "t", "status": "PAUSED", "region": {}}], "nextCursor": null, "total": 1}}`)}}
	page, err := s.client(t).ListTraces(context.Background(), api.ListTracesParams{})
	if err != nil || page.Traces[0].Status != "PAUSED" || page.Traces[0].Status.Valid() {
		t.Errorf("got %v, %v", page, err)
	}
}

func TestTheKeyIsNowhereToRead(t *testing.T) {
	s := &server{responses: []response{{status: http.StatusUnauthorized, body: `{"error": {"code": "` + key + `", "message": "not ` + key + `"}}`}}}
	client := s.client(t)
	_, apiError := client.ListTemplates(context.Background())
	s.responses = []response{ok(`"` + key + `"`)}
	_, unreadable := client.ListTemplates(context.Background())
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		for _, value := range []any{client, apiError, unreadable, []any{client}, map[string]any{"client": client}} {
			if text := fmt.Sprintf(verb, value); strings.Contains(text, key) {
				t.Errorf("%s of %T shows the key: %s", verb, value, text)
			}
		}
	}
	if got := s.requests[0].Header.Get("Authorization"); got != "Bearer "+key {
		t.Errorf("Authorization is %q", got)
	}
	_, err := twosignal.NewClient(twosignal.WithAPIKey("ts_a\nts_b"))
	if expectKind(t, err, twosignal.KindValidation); err != nil && strings.Contains(err.Error(), "ts_a") {
		t.Errorf("the error shows the key: %v", err)
	}
}

func TestANetworkErrorHandsOnItsCauseUnlessTheKeyIsInIt(t *testing.T) {
	echoing := errors.New("malformed HTTP response " + key)
	for cause, handedOn := range map[error]bool{errBroken: true, echoing: false} {
		s := &server{responses: []response{broken}, breaking: cause}
		_, err := s.client(t).Health(context.Background())
		expectKind(t, err, twosignal.KindNetwork)
		if errors.Is(err, cause) != handedOn || strings.Contains(fmt.Sprintf("%v %#v", err, err), key) {
			t.Errorf("%v is handed on as %#v", cause, err)
		}
	}
}

func TestACallWithoutItsKeyIsNotSent(t *testing.T) {
	t.Setenv("TWOSIGNAL_API_KEY", "")
	s := &server{responses: []response{healthy}}
	client := s.client(t, twosignal.WithAPIKey(" "))
	_, err := client.RouteModel(context.Background(), "hello", "")
	expectKind(t, err, twosignal.KindUnauthorized)
	var apiError *twosignal.APIError
	if !errors.As(err, &apiError) || apiError.Code != policy.CodeMissingKey || apiError.Status != 0 || len(s.requests) != 0 {
		t.Errorf("got %#v after %d requests", apiError, len(s.requests))
	}
	expectKind(t, client.Logout(context.Background()), twosignal.KindUnauthorized)
	for _, each := range []*twosignal.Client{client, s.client(t)} {
		if _, err := each.Health(context.Background()); err != nil {
			t.Error(err)
		}
	}
	for _, request := range s.requests {
		if len(request.Header.Values("Authorization")) != 0 {
			t.Errorf("health with %v", request.Header)
		}
	}
}

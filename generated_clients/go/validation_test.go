package twosignal_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	twosignal "twosignal-client"
	"twosignal-client/generated/api"
	"twosignal-client/generated/policy"
)

// These compile, for an untyped constant converts to any type of strings.
func TestAValueThatItsEnumDoesNotHaveIsNotSent(t *testing.T) {
	ctx := context.Background()
	for place, call := range map[string]func(*twosignal.Client) error{
		"Body.Type": func(client *twosignal.Client) error {
			_, err := client.Ingest(ctx, []twosignal.Event{twosignal.NewSpan(api.SpanBody{TraceID: "t", Name: "n", Type: "ROBOT"})})
			return err
		},
		"Body.Status": func(client *twosignal.Client) error {
			body := api.SpanBody{TraceID: "t", Name: "n", Type: api.SpanTypeLLM, Status: twosignal.Ptr[api.Status]("ROBOT")}
			_, err := client.Ingest(ctx, []twosignal.Event{twosignal.NewSpan(body)})
			return err
		},
		"Status": func(client *twosignal.Client) error {
			_, err := client.ListTraces(ctx, api.ListTracesParams{Status: twosignal.Ptr[api.Status]("ROBOT")})
			return err
		},
		"FailMode": func(client *twosignal.Client) error {
			_, err := client.Validate(ctx, api.ValidateRequest{FailMode: twosignal.Ptr[api.ValidateRequestFailMode]("ROBOT")})
			return err
		},
	} {
		t.Run(place, func(t *testing.T) {
			server := &server{responses: []response{{status: 500}}}
			err := call(server.client(t))
			var apiError *twosignal.APIError
			if !errors.As(err, &apiError) || apiError.Kind() != twosignal.KindValidation || apiError.Code != policy.CodeInvalidValue {
				t.Fatalf("got %v; expected a apiError", err)
			}
			if !strings.HasPrefix(apiError.Message, place+` is "ROBOT"; expected one of the constants of api.`) {
				t.Errorf("the message is %q", apiError.Message)
			}
			if len(server.requests) != 0 {
				t.Errorf("%d requests were sent; expected none", len(server.requests))
			}
		})
	}
}

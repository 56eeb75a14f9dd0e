package twosignal

import (
	"context"
	"fmt"
	"iter"

	"twosignal-client/generated/api"
	"twosignal-client/generated/policy"
)

// Page is one page of traces, and the cursor of the next; nil on the last.
type Page = api.TraceListResult_Data

// In a row, and always with a new cursor: then a walk ends. Filters of an honest server skip fewer traces.
const emptyPages = 1000

var (
	listTraces       = operation{bearer: byKey, fields: policy.ListTracesResponse}
	ingestOtlpTraces = operation{limit: policy.IngestOtlpTraces, build: api.NewIngestOtlpTracesRequestWithBody, bearer: byKey, fields: policy.IngestOtlpTracesResponse}
)

// IngestOTLP sends spans of OpenTelemetry and gives the number that the server accepted.
func (client *Client) IngestOTLP(ctx context.Context, request api.OtlpExportRequest) (int64, error) {
	response, err := post[count](ctx, client, ingestOtlpTraces, request)
	if err != nil {
		return 0, err
	}
	return response.accepted, nil
}

// ListTraces gets one page of the traces that match all filters, newest first.
func (client *Client) ListTraces(ctx context.Context, filters api.ListTracesParams) (*Page, error) {
	if filters.Limit != nil {
		if err := outside("limit", *filters.Limit, policy.ListTracesLimit); err != nil {
			return nil, err
		}
	}
	if err := unknownEnum(filters); err != nil {
		return nil, err
	}
	request, err := api.NewListTracesRequest(client.server, &filters)
	response, err := call[api.TraceListResult](ctx, client, listTraces, request, err)
	if err != nil {
		return nil, err
	}
	return &response.Data, nil
}

// IterateTraces goes over all traces that match all filters, newest first; a page is fetched when it is needed, as large as
// Limit says, else as large as it may be. An error ends the walk; a cursor that comes a second time is one, of KindResponse.
func (client *Client) IterateTraces(ctx context.Context, filters api.ListTracesParams) iter.Seq2[api.Trace, error] {
	if filters.Limit == nil {
		filters.Limit = Ptr(int64(policy.ListTracesLimit.Most))
	}
	return func(yield func(api.Trace, error) bool) {
		// A copy, so that the walk can be made again from its beginning.
		filters, seen, empty := filters, map[string]bool{}, 0
		if filters.Cursor != nil {
			seen[*filters.Cursor] = true
		}
		for {
			page, err := client.ListTraces(ctx, filters)
			if err != nil {
				yield(api.Trace{}, err)
				return
			}
			for _, trace := range page.Traces {
				if !yield(trace, nil) {
					return
				}
			}
			if filters.Cursor = page.NextCursor; filters.Cursor == nil {
				return
			}
			if *filters.Cursor == "" || seen[*filters.Cursor] {
				message := "a cursor is empty or came a second time; expected a new one or null"
				yield(api.Trace{}, &APIError{Message: message, kind: KindResponse})
				return
			}
			if empty++; len(page.Traces) > 0 {
				empty = 0
			}
			if empty == emptyPages {
				message := fmt.Sprintf("%d pages in a row are empty; expected traces, or null as the cursor", empty)
				yield(api.Trace{}, &APIError{Message: message, kind: KindResponse})
				return
			}
			seen[*filters.Cursor] = true
		}
	}
}

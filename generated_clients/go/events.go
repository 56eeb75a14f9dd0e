package twosignal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/google/uuid"

	"twosignal-client/generated/api"
	"twosignal-client/generated/policy"
	"twosignal-client/utc"
)

// Event is what Ingest sends: a trace, or a span of one. It keeps its id, so that a server stores it once even if it comes twice.
type Event struct{ content any }

// NewTrace is an event that opens a trace, or adds to one, now and with an id of its own.
func NewTrace(body api.TraceBody) Event {
	return TraceEvent(api.TraceCreateEvent{ID: NewID(), Timestamp: utc.Now(), Body: body})
}

// NewSpan is an event that adds a span to a trace, now and with an id of its own.
func NewSpan(body api.SpanBody) Event {
	return SpanEvent(api.SpanCreateEvent{ID: NewID(), Timestamp: utc.Now(), Body: body})
}

// TraceEvent is an event with the id and the time that it names; its type need not be set.
func TraceEvent(event api.TraceCreateEvent) Event {
	event.Type = api.TraceCreateEventTypeTraceCreate
	return Event{event}
}

// SpanEvent is an event with the id and the time that it names; its type need not be set.
func SpanEvent(event api.SpanCreateEvent) Event {
	event.Type = api.SpanCreateEventTypeSpanCreate
	return Event{event}
}

// NewID is a fresh UUID, for traces, spans and events.
func NewID() string { return uuid.NewString() }

// Ptr is a pointer to a value, for fields that may be left out: Limit: twosignal.Ptr[int64](10).
func Ptr[Value any](value Value) *Value { return &value }

var ingestTraces = operation{
	limit: policy.IngestTraces, build: api.NewIngestTracesRequestWithBody, bearer: byKey, fields: policy.IngestTracesResponse,
}

var (
	batchOpening = []byte("{" + strconv.Quote(policy.IngestTraces.EventsAt) + ":[")
	batchClosing = []byte("]}")
)

// Ingest sends events in order, in as few batches as the limits on events and bytes allow, and gives the number that the server
// accepted; with an error that of the batches before. A batch that the server finds too large is sent in halves. An event
// that cannot fit is found before anything is sent.
func (client *Client) Ingest(ctx context.Context, events []Event) (accepted int64, err error) {
	encoded := make([][]byte, len(events))
	for index, event := range events {
		if err := unknownEnum(event.content); err != nil {
			return 0, err
		}
		if encoded[index], err = encode(event.content); err != nil || event.content == nil {
			return 0, notSent(KindValidation, policy.CodeInvalidValue, fmt.Sprintf("event %d cannot be written as JSON: %v", index, err))
		}
		if size := batchSize(encoded[index : index+1]); size > policy.IngestTraces.Bytes {
			return 0, tooLarge(fmt.Sprintf("event %d", index), size, policy.IngestTraces.Bytes)
		}
	}
	for _, batch := range batches(encoded, policy.IngestTraces) {
		count, err := client.ingest(ctx, batch)
		accepted += count
		if err != nil {
			return accepted, err
		}
	}
	return accepted, nil
}

// ingest sends one batch, in halves when the server finds it too large.
func (client *Client) ingest(ctx context.Context, batch [][]byte) (int64, error) {
	response, err := send[count](ctx, client, ingestTraces, batchBody(batch))
	var apiError *APIError
	if errors.As(err, &apiError) && apiError.Kind() == KindTooLarge && len(batch) > 1 {
		half := len(batch) / 2
		first, err := client.ingest(ctx, batch[:half])
		if err != nil {
			return first, err
		}
		second, err := client.ingest(ctx, batch[half:])
		return first + second, err
	}
	if err != nil {
		return 0, err
	}
	return response.accepted, nil
}

// batches splits events into batches, each as full as the limit allows.
func batches(events [][]byte, limit policy.PayloadLimit) [][][]byte {
	var cut [][][]byte
	begin, size := 0, batchSize(nil)
	for index, event := range events {
		full := limit.Events > 0 && index-begin == limit.Events
		if index > begin && (full || size+len(event) > limit.Bytes) {
			cut = append(cut, events[begin:index])
			begin, size = index, batchSize(nil)
		}
		size += len(event) + len(",")
	}
	if begin < len(events) {
		cut = append(cut, events[begin:])
	}
	return cut
}

// batchSize is the number of bytes of a batch.
func batchSize(events [][]byte) int {
	size := len(batchOpening) + len(batchClosing) + max(len(events)-1, 0)*len(",")
	for _, event := range events {
		size += len(event)
	}
	return size
}

func batchBody(events [][]byte) []byte {
	return bytes.Join([][]byte{batchOpening, bytes.Join(events, []byte(",")), batchClosing}, nil)
}

// count is the response of an ingestion: a number of things, and so never less than none.
type count struct{ accepted int64 }

func (response *count) UnmarshalJSON(body []byte) error {
	result, err := unmarshal[api.IngestResult](body)
	if err != nil {
		return err
	}
	if response.accepted = result.Accepted; result.Accepted < 0 {
		return fmt.Errorf("accepted is %d", result.Accepted)
	}
	return nil
}

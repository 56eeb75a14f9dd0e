package twosignal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"

	"twosignal-client/generated/api"
	"twosignal-client/generated/policy"
)

var ingestTraces = operation{
	limit: policy.IngestTraces, build: api.NewIngestTracesRequestWithBody, bearer: byKey, required: policy.IngestTracesAnswer,
}

var (
	batchOpening = []byte("{" + strconv.Quote(policy.IngestTraces.EventsAt) + ":[")
	batchClosing = []byte("]}")
)

// Ingest sends events in order, in as few batches as the limits on events and bytes allow, and gives the number that the server
// accepted; with an error that of the batches before. A batch that is refused as too large is halved. An event that can not fit
// is found before anything is sent.
func (client *Client) Ingest(ctx context.Context, events []Event) (accepted int64, err error) {
	encoded := make([][]byte, len(events))
	for index, event := range events {
		if err := unknownEnum(event.content); err != nil {
			return 0, err
		}
		if encoded[index], err = encode(event.content); err != nil || event.content == nil {
			return 0, refused(KindValidation, policy.CodeInvalidValue, fmt.Sprintf("event %d cannot be written as JSON: %v", index, err))
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

// ingest sends one batch, in halves when it is refused as too large.
func (client *Client) ingest(ctx context.Context, batch [][]byte) (int64, error) {
	answer, err := send[api.IngestResult](ctx, client, ingestTraces, batchBody(batch))
	var refusal *APIError
	if errors.As(err, &refusal) && refusal.Kind() == KindTooLarge && len(batch) > 1 {
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
	return answer.Accepted, nil
}

// batches cuts events into batches, each as full as the limit allows.
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

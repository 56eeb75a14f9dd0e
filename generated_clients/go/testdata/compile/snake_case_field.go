// error: unknown field trace_id in struct literal of type api.SpanBody

package main

import (
	"context"

	twosignal "twosignal-client"
	"twosignal-client/generated/api"
)

func main() {
	client, _ := twosignal.NewClient()
	_, _ = client.Ingest(context.Background(), []twosignal.Event{twosignal.NewSpan(api.SpanBody{trace_id: "t"})})
}

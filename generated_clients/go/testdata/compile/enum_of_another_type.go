// error: cannot use api.StatusOK (constant "OK" of string type api.Status) as api.SpanType value

package main

import (
	"context"

	twosignal "twosignal-client"
	"twosignal-client/generated/api"
)

func main() {
	client, _ := twosignal.NewClient()
	_, _ = client.Ingest(context.Background(), []twosignal.Event{twosignal.NewSpan(api.SpanBody{Type: api.StatusOK})})
}

// error: undefined: api.SpanTypeROBOT

package main

import (
	"context"

	twosignal "twosignal-client"
	"twosignal-client/generated/api"
)

func main() {
	client, _ := twosignal.NewClient()
	_, _ = client.Ingest(context.Background(), []twosignal.Event{twosignal.NewSpan(api.SpanBody{Type: api.SpanTypeROBOT})})
}

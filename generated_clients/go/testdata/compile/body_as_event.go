// error: cannot use api.TraceBody{…} (value of struct type api.TraceBody) as twosignal.Event value

package main

import (
	"context"

	twosignal "twosignal-client"
	"twosignal-client/generated/api"
)

func main() {
	client, _ := twosignal.NewClient()
	_, _ = client.Ingest(context.Background(), []twosignal.Event{api.TraceBody{ID: "t"}})
}

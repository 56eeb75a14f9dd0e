// error: assignment mismatch: 1 variable but client.Ingest returns 2 values

package main

import (
	"context"

	twosignal "twosignal-client"
	"twosignal-client/generated/api"
)

func main() {
	client, _ := twosignal.NewClient()
	var _ api.TraceBody
	accepted := client.Ingest(context.Background(), nil)
	_ = accepted
}

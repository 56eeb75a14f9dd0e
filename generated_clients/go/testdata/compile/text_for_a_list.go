// error: cannot use "prod" (untyped string constant) as []

package main

import (
	"context"

	twosignal "twosignal-client"
	"twosignal-client/generated/api"
)

func main() {
	client, _ := twosignal.NewClient()
	_, _ = client.ListTraces(context.Background(), api.ListTracesParams{Tags: "prod"})
}

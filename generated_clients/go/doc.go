// Package twosignal is a client of the 2Signal REST API: what openapi.yaml says about retries, batches, pages and errors, around
// the code that is generated from it.
//
// Requests and answers are types of twosignal-client/generated/api, instants of twosignal-client/utc. No number and no name of
// the document stands in this package: they come from twosignal-client/generated/policy.
package twosignal

package twosignal

import (
	"context"

	"twosignal-client/generated/api"
	"twosignal-client/generated/policy"
)

// Validation is what evaluators said about an output.
type Validation = api.ValidateResult_Data

var (
	getHealth          = operation{fields: policy.GetHealthResponse}
	createScore        = operation{limit: policy.CreateScore, build: api.NewCreateScoreRequestWithBody, bearer: byKey, fields: policy.CreateScoreResponse}
	routeModel         = operation{limit: policy.RouteModel, build: api.NewRouteModelRequestWithBody, bearer: byKey, fields: policy.RouteModelResponse}
	getPromptTemplates = operation{bearer: byKey, fields: policy.GetPromptTemplatesResponse}
	pushPromptTemplate = operation{limit: policy.PushPromptTemplate, build: api.NewPushPromptTemplateRequestWithBody, bearer: byKey, fields: policy.PushPromptTemplateResponse}
	validateOutput     = operation{limit: policy.ValidateOutput, build: api.NewValidateOutputRequestWithBody, bearer: byKey, fields: policy.ValidateOutputResponse}
)

// Health asks whether the server is there. It needs no key, and sends none.
func (client *Client) Health(ctx context.Context) (*api.Health, error) {
	request, err := api.NewGetHealthRequest(client.server)
	return call[api.Health](ctx, client, getHealth, request, err)
}

// CreateScore stores a score of a trace, or of one of its spans. When a response is lost the score may be stored twice.
func (client *Client) CreateScore(ctx context.Context, score api.ScoreRequest) (*api.Score, error) {
	if err := outside("value", score.Value, policy.CreateScoreValue); err != nil {
		return nil, err
	}
	return post[api.Score](ctx, client, createScore, score)
}

// RouteModel picks a model for an input, by the project's configuration of that name, or the default one when it is empty.
func (client *Client) RouteModel(ctx context.Context, input, configName string) (*api.RouteDecision, error) {
	var name *string
	if configName != "" {
		name = &configName
	}
	// Converted from a struct with the same fields, so that a field that is new in the contract does not compile here.
	request := api.RouteRequest(struct {
		ConfigName *string
		Input      string
	}{name, input})
	return post[api.RouteDecision](ctx, client, routeModel, request)
}

// ListTemplates gets all templates of the project.
func (client *Client) ListTemplates(ctx context.Context) ([]api.TemplateSummary, error) {
	request, err := api.NewGetPromptTemplatesRequest(client.server, &api.GetPromptTemplatesParams{})
	response, err := call[templateList](ctx, client, getPromptTemplates, request, err)
	if err != nil {
		return nil, err
	}
	return response.summaries, nil
}

// ResolveTemplate gets one version of a template, the latest when version is 0.
func (client *Client) ResolveTemplate(ctx context.Context, name string, version int64) (*api.Template, error) {
	var wanted *int64
	if version != 0 {
		if err := outside("version", version, policy.GetPromptTemplatesVersion); err != nil {
			return nil, err
		}
		wanted = &version
	}
	// Converted from a struct with the same fields, so that a parameter that is new in the contract does not compile here.
	params := api.GetPromptTemplatesParams(struct {
		Name    *string
		Version *int64
	}{&name, wanted})
	request, err := api.NewGetPromptTemplatesRequest(client.server, &params)
	response, err := call[api.TemplateResult](ctx, client, getPromptTemplates, request, err)
	if err != nil {
		return nil, err
	}
	return &response.Data, nil
}

// PushTemplate makes a template, or a new version of it. When a response is lost there may be two versions.
func (client *Client) PushTemplate(ctx context.Context, template api.TemplateRequest) (*api.Template, error) {
	response, err := post[api.TemplateResult](ctx, client, pushPromptTemplate, template)
	if err != nil {
		return nil, err
	}
	return &response.Data, nil
}

// Validate runs evaluators on one output.
func (client *Client) Validate(ctx context.Context, request api.ValidateRequest) (*Validation, error) {
	response, err := post[api.ValidateResult](ctx, client, validateOutput, request)
	if err != nil {
		return nil, err
	}
	return &response.Data, nil
}

// templateList is the response of getPromptTemplates without a name: the operation has two kinds of responses.
type templateList struct{ summaries []api.TemplateSummary }

func (list *templateList) UnmarshalJSON(body []byte) error {
	response, err := unmarshal[api.TemplatesResult](body)
	if err != nil {
		return err
	}
	list.summaries, err = response.Data.AsTemplatesResultData0()
	return err
}

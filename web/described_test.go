package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"qiaomen"
)

// A described operation is one as the API's description has it.
type described struct {
	name, method, path string
	action, all        qiaomen.Action // all is asked where no unit is named
	body               *schema        // of JSON; nil: it takes none
	free               bool           // nobody has to have signed in
	parameters         []parameter
}

type parameter struct {
	Name     string  `json:"name"`
	In       string  `json:"in"`
	Required bool    `json:"required"`
	Schema   *schema `json:"schema"`
}

// A schema is as much of JSON Schema as the description uses.
type schema struct {
	Ref        string             `json:"$ref"`
	Type       jsontext.Value     `json:"type"` // a word, or several
	Properties map[string]*schema `json:"properties"`
	Required   []string           `json:"required"`
	Items      *schema            `json:"items"`
	Enum       []any              `json:"enum"`
	Minimum    *float64           `json:"minimum"`
	MinItems   int                `json:"minItems"`
}

// description is every operation of the API, in the order of their paths, and the
// schemas that they name.
func (w *world) description() (all []described, schemas map[string]*schema) {
	w.t.Helper()
	var d struct {
		Paths map[string]map[string]struct {
			Name       string                `json:"operationId"`
			Action     string                `json:"x-action"`
			All        string                `json:"x-action-of-all"`
			Security   []map[string][]string `json:"security"`
			Parameters []parameter           `json:"parameters"`
			Body       struct {
				Content map[string]struct{ Schema *schema } `json:"content"`
			} `json:"requestBody"`
		} `json:"paths"`
		Components struct {
			Schemas map[string]*schema `json:"schemas"`
		} `json:"components"`
	}
	w.stranger().get("/openapi.json").ok().into(&d)
	for path, methods := range d.Paths {
		for method, op := range methods {
			one := described{
				name: op.Name, method: strings.ToUpper(method), path: path, parameters: op.Parameters,
				action: qiaomen.ActionNamed(op.Action), all: qiaomen.ActionNamed(op.All),
				free: slices.ContainsFunc(op.Security, func(s map[string][]string) bool { return len(s) == 0 }),
			}
			one.body = op.Body.Content["application/json"].Schema
			all = append(all, one)
		}
	}
	slices.SortFunc(all, func(a, b described) int { return strings.Compare(a.path+" "+a.method, b.path+" "+b.method) })
	return all, d.Components.Schemas
}

var inBraces = regexp.MustCompile(`\{([a-z_]+)\}`)

// at is the operation's path with the ids in it, and what it must be asked with.
// What is not among the ids is one that nothing has.
func (op *described) at(ids map[string]string) string {
	path := inBraces.ReplaceAllStringFunc(op.path, func(name string) string {
		switch name = strings.Trim(name, "{}"); {
		case ids[name] != "":
			return url.PathEscape(ids[name])
		case name == "campaign":
			return winter
		case name == "position":
			return "1"
		}
		return "r-nothing"
	})
	q := url.Values{}
	for _, p := range op.parameters {
		if p.In == "query" && (p.Required || ids[p.Name] != "") {
			value := ids[p.Name]
			if value == "" {
				value = "2024-01-25"
			}
			if value == "2024-01-25" && p.Name == "unit" {
				value = "jixian"
			}
			if p.Schema != nil && len(p.Schema.Enum) > 0 {
				value = p.Schema.Enum[0].(string)
			}
			q.Set(p.Name, value)
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// members is what a body of that schema may have in it.
func members(s *schema, schemas map[string]*schema) map[string]*schema {
	return resolved(s, schemas).Properties
}

func resolved(s *schema, schemas map[string]*schema) *schema {
	if s == nil {
		return &schema{}
	}
	if name, found := strings.CutPrefix(s.Ref, "#/components/schemas/"); found {
		return schemas[name]
	}
	return s
}

// sample is a value that the schema lets through, with no more than it must have.
func sample(s *schema, schemas map[string]*schema) any {
	s = resolved(s, schemas)
	if len(s.Enum) > 0 {
		return s.Enum[0]
	}
	switch kind := string(s.Type); {
	case strings.Contains(kind, "object") || len(s.Properties) > 0:
		out := map[string]any{}
		for _, name := range s.Required {
			out[name] = sample(s.Properties[name], schemas)
		}
		return out
	case strings.Contains(kind, "array"):
		out := []any{}
		for range s.MinItems {
			out = append(out, sample(s.Items, schemas))
		}
		return out
	case strings.Contains(kind, "boolean"):
		return false
	case strings.Contains(kind, "integer"), strings.Contains(kind, "number"):
		if s.Minimum != nil {
			return *s.Minimum
		}
		return 1
	case strings.Contains(kind, "string"):
		return "示例"
	}
	return map[string]any{}
}

// content is a body that the operation lets through; nil where it takes none.
func (op *described) content(schemas map[string]*schema) any {
	if op.body == nil {
		return nil
	}
	return sample(op.body, schemas)
}

// withMember is a body with one more member.
func withMember(body any, name string, value any) any {
	out := map[string]any{name: value}
	if object, ok := body.(map[string]any); ok {
		for k, v := range object {
			out[k] = v
		}
		out[name] = value
	}
	return out
}

// The description names every path that the server answers, and no other.
func TestDescription(t *testing.T) {
	w := newWorld(t, "sqlite", qiaomen.SmallOffice)
	all, schemas := w.description()
	if len(all) < 100 || len(schemas) < 50 {
		t.Fatalf("%d operations, %d schemas", len(all), len(schemas))
	}
	names := map[string]bool{}
	for _, op := range all {
		if names[op.name] {
			t.Errorf("two operations are called %s", op.name)
		}
		names[op.name] = true
		if a := w.stranger().do(op.method, op.at(nil), op.content(schemas)); a.status == http.StatusMethodNotAllowed {
			t.Errorf("%s %s: %d %s", op.method, op.path, a.status, a.body)
		}
		if op.body == nil {
			continue
		}
		if _, err := json.Marshal(op.content(schemas)); err != nil {
			t.Errorf("%s: %v", op.name, err)
		}
	}
}

// Describe prints what azurerm's own SDK says of resources, data sources and the provider, as JSON.
//
// The module record starts it within a checkout of hashicorp/terraform-provider-azurerm, and gives
// it, on standard input, what to describe and which values to try:
//
//	{"resources": ["azurerm_subnet"], "data_sources": [], "provider": ["environment"],
//	 "strings": ["a", ""], "maps": [{"a": "b"}]}
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/hashicorp/go-cty/cty"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/hashicorp/terraform-provider-azurerm/internal/provider"
)

type object map[string]any

type request struct {
	Resources   []string         `json:"resources"`
	DataSources []string         `json:"data_sources"`
	Provider    []string         `json:"provider"`
	Strings     []any            `json:"strings"`
	Maps        []map[string]any `json:"maps"`
}

func main() {
	var asked request
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		fail(err)
	}
	azurerm := provider.AzureProvider()
	accepts := object{}
	answer := object{
		"resources":    asked.types(asked.Resources, azurerm.ResourcesMap, "", accepts),
		"data_sources": asked.types(asked.DataSources, azurerm.DataSourcesMap, "data.", accepts),
		"provider":     asked.arguments(azurerm.Schema),
		"accepts":      accepts,
	}
	if err := json.NewEncoder(os.Stdout).Encode(answer); err != nil {
		fail(err)
	}
}

// types describes resources or data sources, and adds the verdicts of their validations to accepts.
func (asked request) types(names []string, known map[string]*schema.Resource, prefix string, accepts object) object {
	described := object{}
	for _, name := range names {
		resource, found := known[name]
		if !found {
			fail("azurerm has no " + prefix + name)
		}
		described[name] = attributes(resource.Schema)
		asked.validate(resource.Schema, prefix+name, accepts)
	}
	return described
}

// arguments describes the provider's own arguments; features is an empty block.
func (asked request) arguments(known map[string]*schema.Schema) object {
	described := object{}
	for _, name := range asked.Provider {
		argument, found := known[name]
		if !found {
			fail("the provider has no argument " + name)
		}
		of := attribute(argument)
		if name == "features" {
			of["block"] = object{}
		}
		described[name] = of
	}
	return described
}

func attributes(schemas map[string]*schema.Schema) object {
	described := object{}
	for name, each := range schemas {
		described[name] = attribute(each)
	}
	return described
}

// attribute describes one argument or attribute, with the names of the SDK in snake case.
func attribute(of *schema.Schema) object {
	described := object{"type": typeName(of.Type)}
	for name, holds := range map[string]bool{
		"required":              of.Required,
		"optional":              of.Optional,
		"computed":              of.Computed,
		"force_new":             of.ForceNew,
		"sensitive":             of.Sensitive,
		"attr_mode":             of.ConfigMode == schema.SchemaConfigModeAttr,
		"suppresses_some_diffs": of.DiffSuppressFunc != nil,
	} {
		if holds {
			described[name] = true
		}
	}
	if of.Default != nil {
		described["default"] = of.Default
	}
	if of.MaxItems > 0 {
		described["max_items"] = of.MaxItems
	}
	if of.MinItems > 0 {
		described["min_items"] = of.MinItems
	}
	if len(of.ConflictsWith) > 0 {
		described["conflicts_with"] = of.ConflictsWith
	}
	switch element := of.Elem.(type) {
	case *schema.Schema:
		described["element"] = typeName(element.Type)
	case *schema.Resource:
		described["block"] = attributes(element.Schema)
	}
	return described
}

func typeName(of schema.ValueType) string {
	return strings.TrimPrefix(of.String(), "Type")
}

// validate runs the validation of each argument on each value of its type. accepts gets, for each
// argument that has a validation, the indices of the values that it takes.
func (asked request) validate(schemas map[string]*schema.Schema, path string, accepts object) {
	for name, each := range schemas {
		at := path + "." + name
		if block, is := each.Elem.(*schema.Resource); is {
			asked.validate(block.Schema, at, accepts)
			continue
		}
		element, _ := each.Elem.(*schema.Schema)
		switch {
		case !each.Required && !each.Optional:
		case each.Type == schema.TypeString && validates(each):
			accepts[at] = object{"strings": taken(each, asked.Strings)}
		case each.Type == schema.TypeMap && validates(each):
			accepts[at] = object{"maps": taken(each, asked.Maps)}
		case element != nil && element.Type == schema.TypeString && validates(element):
			accepts[at+"[]"] = object{"strings": taken(element, asked.Strings)}
		}
	}
}

func validates(of *schema.Schema) bool {
	return of.ValidateFunc != nil || of.ValidateDiagFunc != nil
}

// taken returns the indices of the values that the validation of an argument accepts.
func taken[T any](by *schema.Schema, values []T) []int {
	indices := []int{}
	for index, value := range values {
		refused := false
		if by.ValidateFunc != nil {
			_, errs := by.ValidateFunc(value, "value")
			refused = len(errs) > 0
		}
		if by.ValidateDiagFunc != nil && by.ValidateDiagFunc(value, cty.GetAttrPath("value")).HasError() {
			refused = true
		}
		if !refused {
			indices = append(indices, index)
		}
	}
	return indices
}

func fail(why ...any) {
	fmt.Fprintln(os.Stderr, why...)
	os.Exit(1)
}

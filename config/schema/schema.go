// Package schema describes the configuration file: as a JSON Schema for editors, and as the page of reference for people. Both are
// made from the structs that it is decoded into.
package schema

import (
	"bytes"
	"encoding/json"
	"fmt"

	"headgate/config"
	"headgate/consent"
	"headgate/destinations/catalog"
	"headgate/document"
	"headgate/event/samples"
)

// JSON is the JSON Schema (draft 2020-12) of a configuration file, for editors: with the settings of the destinations of a
// catalogue, and the names of destinations, purposes, events and samples to choose from. Other names stay allowed where a
// site may have its own.
func JSON(files *catalog.Catalog) []byte {
	text, err := json.Marshal(document.Schema(config.Defaults()))
	schema := object{}
	if err == nil {
		err = json.Unmarshal(text, &schema)
	}
	if err != nil {
		panic(fmt.Sprintf("BUG: the schema of the configuration: %v", err))
	}
	schema["$schema"], schema["title"] = "https://json-schema.org/draft/2020-12/schema", "Headgate configuration"
	schema.addDestinations(files)
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(schema); err != nil {
		panic(fmt.Sprintf("BUG: the schema of the configuration: %v", err))
	}
	return out.Bytes()
}

// object is a JSON object of the schema.
type object map[string]any

// at goes down to an object inside, which must be there.
func (o object) at(path ...string) object {
	for _, key := range path {
		switch inner := o[key].(type) {
		case map[string]any:
			o = inner
		case object:
			o = inner
		default:
			panic("BUG: the schema of the configuration has no " + key)
		}
	}
	return o
}

// addDestinations says what each destination of the catalogue takes, by its name where that is the key, and by use: elsewhere.
func (o object) addDestinations(files *catalog.Catalog) {
	names := files.Names()
	destinations := o.at("properties", "destinations")
	one := destinations.at("additionalProperties")
	one.at("properties")["use"] = suggested(names, one.at("properties", "use")["description"])
	policy, ms := consent.New(consent.Defaults())
	if len(ms) > 0 {
		panic("BUG: the default policy: " + ms.Error())
	}
	purposes := suggested(policy.Purposes(), nil)
	one.at("properties", "consent", "properties")["needs"] = object{"description": "purposes that must all be granted, or none", "anyOf": []any{
		object{"const": "none"}, object{"type": "array", "items": purposes}}}
	one.at("properties", "consent", "properties", "any_of")["items"] = purposes
	events := one.at("properties", "events")
	events["properties"] = eventProperties(files, events["additionalProperties"])
	o.at("properties", "tests", "items", "properties", "event")["properties"] = object{"sample": object{"enum": samples.Names()}}
	o["$defs"] = object{"destination": one}
	ref := object{"$ref": "#/$defs/destination"}
	var byUse []any
	keyed := object{}
	for _, name := range names {
		settings := object{"properties": object{"settings": settingsSchema(files.Spec(name))}}
		keyed[name] = object{"allOf": []any{ref, object{"if": object{"not": object{"required": []string{"use"}}}, "then": settings}}}
		byUse = append(byUse, object{"if": object{"properties": object{"use": object{"const": name}}, "required": []string{"use"}}, "then": settings})
	}
	one["allOf"] = byUse
	destinations["properties"], destinations["additionalProperties"] = keyed, ref
}

// suggested is a text of which some values are known.
func suggested(values []string, description any) object {
	s := object{"anyOf": []any{object{"enum": values}, object{"type": "string"}}}
	if description != nil {
		s["description"] = description
	}
	return s
}

// eventProperties are the names of events that samples and the catalogue know.
func eventProperties(files *catalog.Catalog, theirs any) object {
	known := object{}
	for _, name := range files.EventNames() {
		known[name] = theirs
	}
	return known
}

// settingsSchema is what one destination asks for. Values may come from outside.
func settingsSchema(spec *catalog.Spec) object {
	properties, required := object{}, []string{}
	for _, e := range spec.Settings {
		properties[e.Key] = settingSchema(&e.Value)
		if e.Value.Required {
			required = append(required, e.Key)
		}
	}
	return object{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}

var outside = object{"type": "string", "pattern": `\$\{`}

func settingSchema(s *catalog.Setting) object {
	var own object
	switch s.Type {
	case "number":
		own = object{"type": "number"}
	case "bool":
		own = object{"type": "boolean"}
	case "list":
		own = object{"type": "array"}
	case "map":
		own = object{"type": "object"}
	case "choice":
		own = object{"enum": s.Choices}
	default:
		own = object{"type": "string"}
		if s.Pattern != "" {
			own["pattern"] = "^(?:" + s.Pattern + ")$"
		}
	}
	out := object{"description": s.Help, "anyOf": []any{own, outside}}
	if s.Example != nil {
		out["examples"] = []any{s.Example.Any()}
	}
	return out
}

// Reference is the page that lists every key of a configuration file, in Markdown.
func Reference() []byte {
	var b bytes.Buffer
	b.WriteString(`# Configuration reference

Every key of the configuration file, made from the program itself. A dot goes one level down, <name> stands for names of
your choice, [] for the items of a list. Values may hold ${NAME}, ${NAME:-default} and ${file:/path}.

`)
	b.Write(document.Schema(config.Defaults()).Docs())
	return b.Bytes()
}

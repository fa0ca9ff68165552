// Package destinations is what all destinations share: their entry in the configuration, their settings, what they need of
// consent, which events they want, and the verdicts on what was sent. A destination is one YAML file (catalog); the engine
// (http) or a driver written in Go (parquet, postgres) delivers for it.
//
// It promises one verdict for every event, that events are never changed, that no secret is in a request shown to a
// person, an error or a log, and that a connection goes only to hosts which the destination names, never to private
// addresses that were not allowed. It does not decide who may have an event: consent and rules have done so before.
package destinations

import (
	"embed"

	"headgate/destinations/catalog"
)

// The directory listing is the registry: catalog/NAME.yaml, and NAME/NAME.yaml next to the code of a driver.
//
//go:embed */*.yaml
var files embed.FS

var builtIn = catalog.BuiltIn(files, "destinations")

// BuiltIn is the catalogue that ships with Headgate, and its golden cases.
func BuiltIn() catalog.Folder { return builtIn }

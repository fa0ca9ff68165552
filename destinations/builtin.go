package destinations

import (
	"embed"

	"headgate/destinations/catalog"
)

// The directory listing is the registry: catalog/NAME.yaml, and NAME/NAME.yaml next to the code of a driver.
//
//go:embed */*.yaml
var builtIn embed.FS

// BuiltIn is the catalogue that ships with Headgate, and its golden cases.
func BuiltIn() catalog.Folder {
	return catalog.Folder{FS: builtIn, Name: "destinations", BuiltIn: true}
}

// Package editing answers the people who change the configuration: its text, its versions, and what can be added to it.
//
// It promises that two people never overwrite each other, and that each change is kept as a version with its reason. It never decides
// what a configuration means.
package editing

import (
	"context"

	"headgate/config/edit"
	"headgate/console/versions"
	"headgate/destinations/catalog"
	"headgate/document"
	"headgate/proxy/status"
)

// Service has the configuration; *proxy.Server is one, and its methods say what each promises.
type Service interface {
	Reload(ctx context.Context) error
	Status(ctx context.Context) (status.Status, error)
	Configuration(ctx context.Context) (edit.Configuration, error)
	Configure(ctx context.Context, name string, text []byte, version string) (edit.Configuration, error)
	Check(ctx context.Context, d edit.Draft) (document.Mistakes, error)
	Catalog() *catalog.Catalog
}

// Editor answers what is asked of a Service.
type Editor struct {
	service  Service
	versions *versions.Store // where texts of the configuration are kept
}

// New returns an Editor.
func New(service Service, kept *versions.Store) *Editor {
	return &Editor{service: service, versions: kept}
}

package edit

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"headgate/config"
	"headgate/document"
)

// Draft is a configuration that is not in force: the files on disk, some with another text, by their names.
type Draft map[string][]byte

// ErrDraft says that a draft cannot be opened, whatever it says.
var ErrDraft = errors.New("this draft cannot be opened")

// Load opens the configuration as it is on disk.
func (f *Files) Load(deps config.Deps) (*config.Parts, document.Mistakes) {
	return config.Open(f.path, f.env, deps)
}

// Open opens a draft, which the caller closes; document.Mistakes when it has any. Drafts are opened one after another, since each
// takes the work of a reload.
func (f *Files) Open(d Draft, deps config.Deps) (*config.Parts, error) {
	if len(d) > 0 && f.path == "" {
		return nil, fmt.Errorf("%w: it runs without a configuration file; headgate init writes one", ErrDraft)
	}
	c, err := f.Read()
	if err != nil {
		return nil, err
	}
	env := f.env
	for _, name := range slices.Sorted(maps.Keys(d)) {
		if !c.Has(name) {
			return nil, fmt.Errorf("%w: there is no file %q", ErrDraft, name)
		}
		env = env.Instead(filepath.Join(f.root(), filepath.FromSlash(name)), d[name])
	}
	f.opening.Lock()
	defer f.opening.Unlock()
	parts, mistakes := config.Open(f.path, env, deps)
	if err := f.Named(mistakes).Err(); err != nil {
		return nil, err
	}
	return parts, nil
}

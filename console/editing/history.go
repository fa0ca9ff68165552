package editing

import (
	"errors"
	"net/http"

	"headgate/config/edit"
	"headgate/console/exchange"
	"headgate/console/failure"
	"headgate/console/versions"
)

// version is a versions.Version as it is shown.
type version struct {
	versions.Version
	InForce bool   `json:"in_force"` // its file has this text now
	Diff    string `json:"diff,omitempty"`
	Text    string `json:"text,omitempty"`
}

// Versions answers with the versions of all files, newest first.
func (e *Editor) Versions(w http.ResponseWriter, r *http.Request) {
	c, err := e.seen(r)
	if err != nil {
		failure.Answer(w, err, http.StatusInternalServerError)
		return
	}
	list := []version{}
	shown := map[string]bool{} // files whose newest version was listed
	for _, v := range e.versions.List() {
		list = append(list, version{Version: v, InForce: !shown[v.File] && isOnDisk(c, &v)})
		shown[v.File] = true
	}
	exchange.Answer(w, http.StatusOK, map[string]any{"versions": list})
}

// seen notes what was changed outside.
func (e *Editor) seen(r *http.Request) (edit.Configuration, error) {
	c, err := e.service.Configuration(r.Context())
	for _, f := range c.Files {
		err = errors.Join(err, e.versions.Seen(f.Name, f.Text))
	}
	return c, err
}

func isOnDisk(c edit.Configuration, v *versions.Version) bool {
	file, err := pickFile(c, v.File)
	return err == nil && v.Is(file.Text)
}

// Version answers with one version, its text and its change.
func (e *Editor) Version(w http.ResponseWriter, r *http.Request) {
	c, err := e.service.Configuration(r.Context())
	if err != nil {
		failure.Answer(w, err, http.StatusInternalServerError)
		return
	}
	v, text, diff, err := e.versions.Text(r.PathValue("id"))
	if err != nil {
		failVersion(w, err)
		return
	}
	exchange.Answer(w, http.StatusOK, version{v, isOnDisk(c, &v), diff, text})
}

// Restore gives a file the text of a version again.
func (e *Editor) Restore(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Reason string `json:"reason"`
	}
	if err := exchange.ReadJSON(w, r, exchange.MaxQuestion, &asked); err != nil {
		exchange.Refuse(w, exchange.StatusOf(err), err.Error())
		return
	}
	c, ok := e.edited(w, r)
	if !ok {
		return
	}
	v, text, _, err := e.versions.Text(r.PathValue("id"))
	if err != nil {
		failVersion(w, err)
		return
	}
	file, err := pickFile(c, v.File)
	if err != nil {
		exchange.Refuse(w, http.StatusNotFound, err.Error())
		return
	}
	why := "back to " + v.ID
	if asked.Reason != "" {
		why += ": " + asked.Reason
	}
	e.save(w, r, change{c, file, []byte(text), why}, nil)
}

func failVersion(w http.ResponseWriter, err error) {
	if errors.Is(err, versions.ErrNotFound) {
		exchange.Refuse(w, http.StatusNotFound, err.Error())
		return
	}
	failure.Answer(w, err, http.StatusInternalServerError)
}

package console

import (
	"errors"
	"net/http"

	"headgate/config/edit"
	"headgate/console/versions"
)

// version is a versions.Version as it is shown.
type version struct {
	versions.Version
	InForce bool   `json:"in_force"` // its file has this text now
	Diff    string `json:"diff,omitempty"`
	Text    string `json:"text,omitempty"`
}

// versionList answers with the versions of all files, newest first.
func (a *api) versionList(w http.ResponseWriter, r *http.Request) {
	c, err := a.seen(r)
	if err != nil {
		fail(w, err, http.StatusInternalServerError)
		return
	}
	list := []version{}
	shown := map[string]bool{} // files whose newest version was listed
	for _, v := range a.versions.List() {
		list = append(list, version{Version: v, InForce: !shown[v.File] && isOnDisk(c, &v)})
		shown[v.File] = true
	}
	answer(w, http.StatusOK, map[string]any{"versions": list})
}

// seen notes what was changed outside.
func (a *api) seen(r *http.Request) (edit.Configuration, error) {
	c, err := a.service.Configuration(r.Context())
	for _, f := range c.Files {
		err = errors.Join(err, a.versions.Seen(f.Name, f.Text))
	}
	return c, err
}

func isOnDisk(c edit.Configuration, v *versions.Version) bool {
	file, err := pickFile(c, v.File)
	return err == nil && v.Is(file.Text)
}

// oneVersion answers with one version, its text and its change.
func (a *api) oneVersion(w http.ResponseWriter, r *http.Request) {
	c, err := a.service.Configuration(r.Context())
	if err != nil {
		fail(w, err, http.StatusInternalServerError)
		return
	}
	v, text, diff, err := a.versions.Text(r.PathValue("id"))
	if err != nil {
		failVersion(w, err)
		return
	}
	answer(w, http.StatusOK, version{v, isOnDisk(c, &v), diff, text})
}

// restore gives a file the text of a version again.
func (a *api) restore(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Reason string `json:"reason"`
	}
	if err := readJSON(w, r, maxQuestion, &asked); err != nil {
		refuse(w, statusOf(err), err.Error())
		return
	}
	c, ok := a.edited(w, r)
	if !ok {
		return
	}
	v, text, _, err := a.versions.Text(r.PathValue("id"))
	if err != nil {
		failVersion(w, err)
		return
	}
	file, err := pickFile(c, v.File)
	if err != nil {
		refuse(w, http.StatusNotFound, err.Error())
		return
	}
	why := "back to " + v.ID
	if asked.Reason != "" {
		why += ": " + asked.Reason
	}
	a.save(w, r, change{c, file, []byte(text), why}, nil)
}

func failVersion(w http.ResponseWriter, err error) {
	if errors.Is(err, versions.ErrNotFound) {
		refuse(w, http.StatusNotFound, err.Error())
		return
	}
	fail(w, err, http.StatusInternalServerError)
}

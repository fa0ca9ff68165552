package catalog_test

import (
	"testing"
	"testing/fstest"

	"headgate/destinations/catalog"
)

const base = `
name: crm
title: CRM
kind: generic
needs: [analytics]
refused: drop
events: {"*": "="}
send: {post: "https://crm.example/events", body: {id: =id}}
`

const variant = `
name: crm_offline
extends: crm
needs: [analytics]
refused: drop
`

// Files of the program are read once for all catalogues, in which a user's own file may take the place of one of them.
func TestAUsersOwnFileChangesItsCatalogueOnly(t *testing.T) {
	builtIn := catalog.BuiltIn(fstest.MapFS{"crm.yaml": {Data: []byte(base)}, "crm_offline.yaml": {Data: []byte(variant)}}, "destinations")
	own := catalog.Folder{FS: fstest.MapFS{"crm.yaml": {Data: []byte(`
name: crm
title: Our CRM
kind: generic
needs: [analytics]
refused: drop
events: {purchase: bought}
send: {post: "https://crm.example/events", body: {id: =id}}
`)}}, Name: "own"}
	for _, c := range []struct {
		folders []catalog.Folder
		title   string
		builtIn bool
	}{{[]catalog.Folder{builtIn, own}, "Our CRM", false}, {[]catalog.Folder{builtIn}, "CRM", true}, {[]catalog.Folder{builtIn, own}, "Our CRM", false}} {
		all, ms := catalog.Load(c.folders...)
		if len(ms) > 0 {
			t.Fatal(ms)
		}
		if spec := all.Spec("crm"); spec.Title != c.title || spec.BuiltIn != c.builtIn {
			t.Errorf("crm is %q, built in: %v", spec.Title, spec.BuiltIn)
		}
		if spec := all.Spec("crm_offline"); spec.Title != c.title || !spec.BuiltIn {
			t.Errorf("crm_offline takes after %q, built in: %v; want %q", spec.Title, spec.BuiltIn, c.title)
		}
	}
}

func TestCasesThatAreWrittenWrongAreReported(t *testing.T) {
	files := fstest.MapFS{"crm.yaml": {Data: []byte(base)}, "crm_test.yaml": {Data: []byte("cases: [{name: one, evnts: [purchase]}]")}}
	if _, ms := catalog.Load(catalog.Folder{FS: files, Name: "own"}); len(ms) == 0 {
		t.Error("a user's own cases are not looked at when they are loaded")
	}
	all, ms := catalog.Load(catalog.BuiltIn(files, "destinations"))
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	if ms := all.CheckCases("crm"); len(ms) == 0 {
		t.Error("CheckCases finds nothing")
	}
}

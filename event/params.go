package event

import "strings"

// Param is a parameter with an agreed meaning: sources that know it write it under this path, destinations that take it read
// it there. It is kept below params, since most events have none of them.
type Param struct {
	Path  string // below params
	Class Class
	Help  string
}

// AppParams say which app and which device an event of an app came from. Only sources of apps write them.
var AppParams = []Param{
	{"app.id", Content, "the app's number in its store"},
	{"app.name", Content, "the app's name"},
	{"app.version", Content, "the app's version, as people read it: 2.11.0"},
	{"app.build", Content, "the number of the build: 3.0.1.545"},
	{"app.namespace", Content, "the bundle or package name: com.example.shop"},
	{"device.id", ID, "the device, as the app's library names it"},
	{"device.advertising_id", ID, "Apple's IDFA or Google's advertising id"},
	{"device.idfv", ID, "Apple's id for all apps of one vendor"},
	{"device.tracking", Content, "true where the person allows tracking across apps, false where they do not"},
	{"device.model", Network, "iPhone17,1"},
	{"device.manufacturer", Network, "Apple"},
	{"device.name", Network, "the model as the app's library names it"},
	{"device.type", Content, "ios or android"},
	{"device.os_version", Network, "the version of the operating system, as the app states it"},
	{"device.carrier", Network, "the mobile network"},
	{"device.timezone", Network, "Europe/Berlin"},
	{"device.screen_density", Network, "pixels of the screen per point"},
}

// IsAppBlock reports whether a parameter is an object of AppParams (app, device) and not a site's own parameter of that name.
func IsAppBlock(key string, v Value) bool {
	if v.Kind() != Object {
		return false
	}
	for i := range AppParams {
		if block, _, _ := strings.Cut(AppParams[i].Path, "."); block == key {
			return true
		}
	}
	return false
}

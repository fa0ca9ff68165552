// Package protocols links the rooms of all protocols into a program: whoever imports it can configure every one of them. A new
// room gets a line here; TestEveryProtocolIsDeclared of sources finds one that is missing.
package protocols

import (
	// Imported for what they register.
	_ "headgate/sources/analytics"
	_ "headgate/sources/google"
	_ "headgate/sources/meta"
	_ "headgate/sources/own"
	_ "headgate/sources/product"
	_ "headgate/sources/segment"
	_ "headgate/sources/snowplow"
)

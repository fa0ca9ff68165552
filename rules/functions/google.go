package functions

import (
	"headgate/event/wire"
	"headgate/rules/formula"
)

// googleFunctions read Google Analytics' cookies.
var googleFunctions = map[string]*formula.Function{
	"google_client_id": textTo("google_client_id(cookie)", "the client id in Google's cookie _ga; nil if there is none",
		`google_client_id("GA1.1.1309730329.1709757290") → "1309730329.1709757290"`, wire.GoogleClientID),
	"google_session_id": textTo("google_session_id(cookie)", "the session's id in a cookie _ga_ID of Google's; nil if there is none",
		`google_session_id("GS2.1.s1746500000$o3$g1") → "1746500000"`, func(cookie string) string {
			id, _ := wire.GoogleSession(cookie)
			return id
		}),
}

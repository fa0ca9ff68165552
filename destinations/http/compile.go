package http

import "headgate/destinations"

// compiler turns what a file says into what the engine runs, and collects every mistake on the way.
type compiler struct{ *destinations.Formulas }

package cmp

import "slices"

// Tools are the consent tools, one file per family of formats.
var Tools = slices.Concat(listTools, boolTools, bannerTools, serviceTools, platformTools, opaqueTools)

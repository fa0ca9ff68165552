package rules

var contactFunctions = map[string]*function{}

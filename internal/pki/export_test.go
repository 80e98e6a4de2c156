package pki

// ParseWithoutEntries is for tests with lists that are not large.
var ParseWithoutEntries = parseWithoutEntries

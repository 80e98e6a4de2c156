package trust

// Summary explains the verdict to a person.
func (v Verdict) Summary() string { return "" }

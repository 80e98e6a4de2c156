package trust

// Diagram draws the verdict as a Mermaid flowchart.
func (v Verdict) Diagram() string { return "" }

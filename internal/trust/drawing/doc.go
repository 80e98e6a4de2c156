// Package drawing shows verdicts: [Summary] in words with the chain as a tree,
// [Diagram] as a Mermaid flowchart. It judges nothing, and finds whatever it
// shows in the [trust.Verdict].
package drawing

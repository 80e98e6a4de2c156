// Package tfvalue holds what this provider needs of Terraform's values and the
// framework lacks: a string type for PEM, instants and texts, a [Reader] that
// lets values be unknown, a [Codec] between values and models, and validators.
package tfvalue

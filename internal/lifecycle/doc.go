// Package lifecycle is the life of certificates in a resource, one or five
// hundred: what a plan decides, what an apply carries out, and what has to be
// remembered in between. It knows no Terraform.
//
//	        slots: each as it is, and as it is wanted
//	                          |
//	Plan ---> decide ---> Results: keep | rotate | defer, and every output
//	            |                  that is known before the apply
//	Apply ------+-------> Results: every output known, all or nothing
//	            |
//	          Record: what private state keeps from one plan to the next
//
// [Resource.Plan] and [Resource.Apply] ask the same decision, so an apply does
// what its plan said. What is unknown at plan never fails: it either leaves the
// certificate as it is, or defers the decision to the apply (see [Action]).
//
// Package issue makes the certificates, package rotation says when they are due.
package lifecycle

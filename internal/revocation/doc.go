// Package revocation is the life of a revocation list (RFC 5280, section 5): what
// is on it, when it is signed again, and what has to be remembered from one list
// to the next. It knows no Terraform.
//
//	active -- vanishes --> pending -- grace --> entries -- own end --> gone
//	   ^                      |                    ^ |
//	   +----- is back --------+      revoked ------+ +-- certificate_hold is taken back
//
// What is among the active certificates and no longer is, is revoked a grace
// later. What is on a list stays there until its certificate has ended and a list
// since then has had it (RFC 5280, 3.3); only a hold is taken back. Numbers grow
// with each list, and follow the clock, so that they grow even where the last
// list has been forgotten.
//
// As in package lifecycle, a plan and its apply ask the same decision on the same
// recorded instant. Nothing is kept twice: serial numbers, dates and reasons of
// what is revoked are read from the list itself, and the [Record] beside it holds
// what no list can say.
package revocation

// Package rotation decides when a certificate is replaced by the next one, and
// how long the control plane goes on trusting the one before.
//
// It knows instants, durations and generation numbers, and nothing else: no
// certificate, no key, no clock of its own. One call of [Decide] per plan says
// all that the plan must do.
//
// A life, with renewal on and an overlap shorter than what is left of the old
// certificate:
//
//	                   RenewalAt            NotAfter of 1
//	                       |                     |
//	1  |===================|- - - - - - - >      |
//	2                      |==============|======|===========|- - - ->
//	3                      |              |      |           |=========
//	   NotBefore of 1      |              |                  |
//	                       rotation       overlap of 1       rotation
//	                       [1 2]          has passed [2]     [2 3]
//
//	=== active: what data planes present     - - trusted still, for those
//	[ ] what the control plane trusts            that have not switched yet
//
// With Prepublish, the next generation is trusted that long before it is presented:
//
//	              BeginsAt RenewalAt       NotAfter of 1
//	                 |         |                 |
//	1  |=============|=========|- - - - >        |
//	2                |. . . . .|============|====|=======|=========|- - ->
//	3                |         |            |            |. . . . .|======
//	                 prepare   present  overlap of 1     prepare   present
//	                 [1 2]     [1 2]    has passed [2]   [2 3]     [2 3]
//
//	. . waiting: trusted already, for those that do not know it yet
//
// The rules, each of which a property test holds over random lives:
//
//   - The active generation is always trusted, and a plan that may renew it
//     leaves one behind that is neither ended nor due.
//   - An earlier generation is trusted until its overlap has passed or it has
//     ended, whichever comes first, and not beyond.
//   - What is presented was trusted for Prepublish before, on a clock that is not
//     known to be wrong, unless what it replaces had ended.
//   - One generation waits at most; what waits is trusted, until it is presented,
//     replaced for a reason, or wanted no longer.
//   - Numbers only grow, by one with each new generation, and are never given
//     twice; a plan makes one [Step] at most.
//   - Nothing rotates without a [Reason].
//   - A policy may change at any time, in any direction.
//   - A clock that is known to be wrong ends nothing and renews nothing.
package rotation

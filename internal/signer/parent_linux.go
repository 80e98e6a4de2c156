package signer

import "syscall"

// dieWithParent has the kernel end a program whose parent was killed.
func dieWithParent(attributes *syscall.SysProcAttr) { attributes.Pdeathsig = syscall.SIGKILL }

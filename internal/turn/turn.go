// Package turn is about calls that take turns at computing: one that waits for
// something else leaves its place to another.
package turn

import (
	"context"
	"sync"
)

type key struct{}

// A place among those that compute.
type place struct {
	mutex       sync.Mutex
	away        int // parts of the call that wait
	leave, back func()
}

// Hold is ctx of a call that holds a place: leave gives it to another call, and back
// waits for one. They are called in turn.
func Hold(ctx context.Context, leave, back func()) context.Context {
	return context.WithValue(ctx, key{}, &place{leave: leave, back: back})
}

// Leave says that a part of the call of ctx waits for something else than a
// processor, until the function that is returned is called. While at least one part
// waits, the call's place is another's. Where the call holds none, nothing happens.
func Leave(ctx context.Context) (back func()) {
	held, is := ctx.Value(key{}).(*place)
	if !is {
		return func() {}
	}
	held.mutex.Lock()
	defer held.mutex.Unlock()
	if held.away++; held.away == 1 {
		held.leave()
	}
	return sync.OnceFunc(held.comeBack)
}

func (p *place) comeBack() {
	// Others of the call wait for the place here, too.
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.away--; p.away == 0 {
		p.back()
	}
}

package server

import (
	"context"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/trustplane/terraform-provider-mtls/internal/turn"
)

// busyServer counts the plans that it is making.
type busyServer struct {
	frameworkServer

	started chan struct{} // reports each plan that begins
	finish  chan struct{} // lets each one end

	mutex         sync.Mutex
	working, most int
}

func (s *busyServer) PlanResourceChange(context.Context, *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	s.count(+1)
	defer s.count(-1)
	s.started <- struct{}{}
	<-s.finish
	return &tfprotov6.PlanResourceChangeResponse{}, nil
}

func (s *busyServer) OpenEphemeralResource(context.Context, *tfprotov6.OpenEphemeralResourceRequest) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	s.started <- struct{}{}
	<-s.finish
	return &tfprotov6.OpenEphemeralResourceResponse{}, nil
}

func (s *busyServer) count(more int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.working += more
	s.most = max(s.most, s.working)
}

func TestCallsAtOnceAreLimited(t *testing.T) {
	const calls, atOnce = 20, 3
	busy := &busyServer{started: make(chan struct{}, calls), finish: make(chan struct{})}
	server := limitCalls(busy, atOnce)
	var all sync.WaitGroup
	for range calls {
		all.Go(func() {
			if response, err := server.PlanResourceChange(t.Context(), nil); err != nil || response == nil {
				t.Errorf("planned %v, error %v", response, err)
			}
		})
	}
	for range atOnce {
		<-busy.started
	}

	close(busy.finish)
	all.Wait()
	if busy.most != atOnce {
		t.Errorf("%d calls at once, want %d", busy.most, atOnce)
	}
}

// waitingServer plans by waiting for something outside, with its place left to
// others.
type waitingServer struct{ busyServer }

func (s *waitingServer) PlanResourceChange(ctx context.Context, request *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	defer turn.Leave(ctx)()
	return s.busyServer.PlanResourceChange(ctx, request)
}

// A call that waits for something else than a processor lets others in, and none
// ends without its place.
func TestWaitingCallsLetOthersIn(t *testing.T) {
	const calls, atOnce = 20, 1
	waiting := &waitingServer{busyServer{started: make(chan struct{}, calls), finish: make(chan struct{})}}
	server := limitCalls(waiting, atOnce)
	var all sync.WaitGroup
	for range calls {
		all.Go(func() {
			if response, err := server.PlanResourceChange(t.Context(), nil); err != nil || response == nil {
				t.Errorf("planned %v, error %v", response, err)
			}
		})
	}
	for range calls {
		<-waiting.started // all of them, although one may compute
	}
	close(waiting.finish)
	all.Wait()
	if len(server.working) != 0 {
		t.Errorf("%d places are still taken", len(server.working))
	}
}

// TestWaitingBlocksNobody: handshakes that wait for a server take none of the
// places of what computes.
func TestWaitingBlocksNobody(t *testing.T) {
	const waiting, atOnce = 20, 1
	busy := &busyServer{started: make(chan struct{}, waiting), finish: make(chan struct{})}
	server := limitCalls(busy, atOnce)
	var all sync.WaitGroup
	for range waiting {
		all.Go(func() {
			if _, err := server.OpenEphemeralResource(t.Context(), nil); err != nil {
				t.Error(err)
			}
		})
	}
	for range waiting {
		<-busy.started // all of them at once, although only one call may compute
	}
	all.Go(func() {
		if _, err := server.PlanResourceChange(t.Context(), nil); err != nil {
			t.Error(err)
		}
	})
	<-busy.started // and a plan is made meanwhile
	close(busy.finish)
	all.Wait()
}

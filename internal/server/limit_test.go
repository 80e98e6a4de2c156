package server

import (
	"context"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
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

package trust

import "time"

// A scene is what [Verdict.Summary] and [Verdict.Diagram] draw.
type scene struct {
	title   string
	at      time.Time
	mode    Mode
	path    []*holding // the accepted path or the best candidate; nil for none
	uploads []*holding // uploads that are not on the path
	broken  map[*holding]bool
}

func (j *judgement) scene(mode Mode, path []*holding) scene {
	s := scene{title: j.profile.title, at: j.options.At, mode: mode, path: path, broken: map[*holding]bool{}}
	for _, h := range j.held.all {
		if len(h.uploaded) > 0 && !onPath(path, h) {
			s.uploads = append(s.uploads, h)
		}
	}
	for i := 0; i+1 < len(path); i++ {
		if mode == "" && j.check(path[i], path[i+1]) != linkGood {
			s.broken[path[i]] = true
		}
	}
	return s
}

func onPath(path []*holding, h *holding) bool {
	for _, on := range path {
		if on == h {
			return true
		}
	}
	return false
}

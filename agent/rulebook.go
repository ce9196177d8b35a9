package agent

import (
	"sync"
	"time"

	"beagle/agent/internal/settings"
	"beagle/agent/policy"
	"beagle/detectors/catalog"
)

// rulebook holds the settings, and the rules that follow from them on the present day.
type rulebook struct {
	places  settings.Places
	catalog *catalog.Index
	set     *policy.Set

	mu       sync.RWMutex // guards what follows: exchanged by a reload and every day
	resolved *settings.Resolved
	rules    Rules
}

// newRulebook reads the settings. Those that a person named must be right; where those of the
// system are broken, the last good ones hold, or the defaults on a machine that never had
// any, and broken says why. An organisation that sends out a key which an older agent does
// not know must not be left without that agent.
func newRulebook(places settings.Places, index *catalog.Index, set *policy.Set, at time.Time, last *settings.Resolved) (b *rulebook, broken, err error) {
	b = &rulebook{places: places, catalog: index, set: set}
	if _, broken = b.reload(at); broken == nil {
		return b, nil, nil
	}
	if places.Named {
		return nil, nil, broken
	}
	if last != nil && b.adopt(last, at) == nil {
		return b, broken, nil
	}
	return b, broken, b.adopt(&settings.Resolved{Settings: settings.Default()}, at)
}

// reload reads the settings again. When they are broken, the old ones stay in force.
func (b *rulebook) reload(at time.Time) (*settings.Resolved, error) {
	resolved, err := settings.Resolve(b.places)
	if err != nil {
		return nil, err
	}
	return resolved, b.adopt(resolved, at)
}

// adopt puts settings in force, if they decide nothing that they cannot.
func (b *rulebook) adopt(resolved *settings.Resolved, at time.Time) error {
	policies, question, err := resolved.Decide(b.set, b.catalog)
	if err != nil {
		return err
	}
	question.On = policy.DateOf(at)
	question.Known = question.On
	b.mu.Lock()
	defer b.mu.Unlock()
	b.resolved, b.rules = resolved, Rules{Catalog: b.catalog, Policies: policies, Question: question}
	return nil
}

// turn makes the rules those of a day and reports whether it is another day than before.
func (b *rulebook) turn(at time.Time) bool {
	day := policy.DateOf(at)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rules.Question.On == day {
		return false
	}
	b.rules.Question.On, b.rules.Question.Known = day, day
	return true
}

func (b *rulebook) now() *Rules {
	b.mu.RLock()
	defer b.mu.RUnlock()
	rules := b.rules
	return &rules
}

func (b *rulebook) settings() *settings.Resolved {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.resolved
}

// madeOn is the day of the newest source that the policies of this program rest on: no clock
// can be right that shows an earlier one.
func madeOn(set *policy.Set) time.Time {
	at, err := time.Parse(time.DateOnly, string(latestSource(set)))
	if err != nil {
		return time.Time{}
	}
	return at
}

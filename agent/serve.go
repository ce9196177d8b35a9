package agent

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"beagle/agent/api"
	"beagle/agent/internal/budget"
	"beagle/agent/internal/local"
	"beagle/agent/policy"
	"beagle/detectors"
	"beagle/detectors/all"
	"beagle/detectors/catalog"
	"beagle/detectors/watch"
)

// ServiceConfig says where an agent keeps and finds things.
type ServiceConfig struct {
	// State is the folder of its memory, such as /var/lib/beagle.
	State string
	// Socket is where it answers, such as [api.DefaultSocket].
	Socket string
	// Settings are the places that decide what it does.
	Settings SettingsPlaces
	// Privileged says that it runs with the rights of the system and so sees all users.
	Privileged bool
	// Ready is called once, when it answers and the first sweep has begun; it may be nil.
	Ready func()
	// Alive is called by the sweeper at least every ten seconds or so, as long as it is not
	// stuck; it may be nil.
	Alive func()
	// Reload asks to read the settings again at once; it may be nil. The agent also looks for
	// changes by itself.
	Reload <-chan struct{}
	// Log is where it tells what it does, without names of people or their files. Level, if
	// given, is the log's, and follows the settings.
	Log   *slog.Logger
	Level *slog.LevelVar
}

// Agent keeps what is known about one machine true, and answers for it.
type Agent struct {
	config     ServiceConfig
	world      world
	log        *slog.Logger
	made       time.Time         // no clock can be right that shows an earlier day
	units      map[string]string // what the probes count
	board      *board
	conditions *conditions
	memory     *memory
	rules      *rulebook
	governor   *budget.Governor
	watcher    atomic.Pointer[watching]
	unpacked   atomic.Pointer[[]string] // the folders to which people unpack programs
	live       atomic.Pointer[all.Live]
	working    working

	asks   chan ask
	events chan []watch.Event
	again  chan struct{} // says that everything is to be looked at again; holds one
	asking chan struct{} // holds one token, of whoever asks what the machine is
}

// world is what the agent stands in, so that tests can give it another.
type world struct {
	clocks   func() reading
	tick     time.Duration
	patience time.Duration // how long it may take to answer
	host     func(context.Context) (*detectors.Host, error)
	watcher  func(*detectors.Host, watch.Options) watcher
	sources  budget.Sources
	catalog  *catalog.Index
	set      *policy.Set
}

// Serve runs an agent until ctx ends, and returns nil then. It fails where another agent uses
// the folder or the socket, where the settings are broken, and where the machine cannot be
// looked at at all. What fails later is a condition, and the agent goes on.
func Serve(ctx context.Context, config ServiceConfig) error {
	index, err := catalog.Embedded()
	if err != nil {
		return err
	}
	return serve(ctx, config, world{
		clocks: newClocks(), tick: tick, patience: hostPatience, host: detectors.Live, watcher: newWatcher,
		sources: budget.Live(), catalog: index, set: policy.Embedded(),
	})
}

func newWatcher(host *detectors.Host, opt watch.Options) watcher { return watch.New(host, opt) }

func serve(ctx context.Context, config ServiceConfig, w world) error {
	a, err := newAgent(ctx, config, w)
	if err != nil {
		return ending(ctx, err)
	}
	return a.Run(ctx)
}

// Run lives until ctx ends and then returns nil. It runs once.
func (a *Agent) Run(ctx context.Context) error {
	listener, err := local.Listen(a.config.Socket)
	if err != nil {
		return errors.Join(err, a.memory.close())
	}
	a.log.Info("agent starts", "version", Version, "catalog", a.world.catalog.Version(), "privileged", a.config.Privileged)
	if err := budget.Lower(); err != nil {
		a.log.Warn("the agent runs at the usual priority", "error", err)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return a.keepTrue(ctx) })
	group.Go(func() error { return a.watch(ctx) })
	group.Go(func() error { return a.answer(ctx, listener) })
	group.Go(func() error { return a.govern(ctx) })
	err = errors.Join(group.Wait(), a.memory.close())
	a.log.Info("agent stopped")
	return err
}

// newAgent brings the rooms together.
func newAgent(ctx context.Context, config ServiceConfig, w world) (*Agent, error) {
	if config.Alive == nil {
		config.Alive = func() {}
	}
	if config.Ready == nil {
		config.Ready = func() {}
	}
	now := func() time.Time { return w.clocks().wall }
	a := &Agent{
		config: config, world: w, log: config.Log, made: madeOn(w.set), units: map[string]string{}, working: working{names: map[string]bool{}},
		asks: make(chan ask), events: make(chan []watch.Event), again: make(chan struct{}, 1), asking: make(chan struct{}, 1),
	}
	host, err := a.host(ctx)
	if err != nil {
		return nil, err
	}
	a.board = newBoard(now, api.Snapshot{
		Schema: api.SnapshotSchema, AgentVersion: Version, CatalogVersion: w.catalog.Version(),
		CatalogDate: w.catalog.Date(),
		Host:        api.Host{Hostname: host.Hostname, OS: string(host.OS), Root: host.Root, Offline: host.Offline},
		Privileged:  config.Privileged, Activity: activityStarting, Started: now().UTC(),
		Watching: "none", WatchingFiles: "none", Records: []api.Stored{}, Conditions: []api.Condition{},
	})
	a.conditions = newConditions(now, a.log, a.board)
	if !config.Privileged {
		a.conditions.set(api.ConditionNotPrivileged, api.SeverityWarning, nil)
	}
	a.memory = &memory{
		dir: config.State, clock: now, log: a.log, board: a.board, conditions: a.conditions, judge: a.judge, lost: a.lookAgain,
	}
	if err := openMemory(ctx, a.memory); err != nil {
		return nil, err
	}
	if err := a.openRules(ctx, now()); err != nil {
		return nil, errors.Join(err, a.memory.close())
	}
	if err := a.showRequests(ctx); err != nil {
		return nil, errors.Join(err, a.memory.close())
	}
	for _, p := range everyProbe(host, w.catalog) {
		a.units[p.Name] = p.Unit
	}
	a.governor = budget.New(limits(a.rules.settings()), w.sources)
	a.live.Store(all.NewLive(host, w.catalog))
	a.followLevel(a.rules.settings())
	return a, nil
}

// openRules reads the settings, or takes up those that were last in force.
func (a *Agent) openRules(ctx context.Context, at time.Time) error {
	var last *ResolvedSettings
	a.memory.recall(ctx, metaSettings, &last)
	rules, broken, err := newRulebook(a.config.Settings, a.world.catalog, a.world.set, at, last)
	if err != nil {
		return err
	}
	a.rules = rules
	a.settingsAre(ctx, broken)
	return nil
}

// settingsAre shows that settings are broken, or remembers good ones.
func (a *Agent) settingsAre(ctx context.Context, broken error) {
	if broken != nil {
		a.log.Error("the settings are broken and the last good ones hold", "error", broken)
		a.conditions.set(api.ConditionSettingsBroken, api.SeverityError, map[string]string{"text": broken.Error()})
		return
	}
	a.conditions.clear(api.ConditionSettingsBroken)
	a.memory.remember(ctx, metaSettings, a.rules.settings())
}

// lookAgain says that something of what was known is lost, and asks for a look at everything:
// once however often it is called.
func (a *Agent) lookAgain() {
	select {
	case a.again <- struct{}{}:
	default:
	}
}

// The activities that the board shows.
const (
	activityStarting = "starting"
	activityIdle     = "idle"
	activityScanning = "scanning"
	activityPaused   = "paused"
)

// answer serves the local API, and again where somebody removes the socket.
func (a *Agent) answer(ctx context.Context, listener net.Listener) error {
	for {
		err := local.Serve(ctx, listener, a)
		if ctx.Err() != nil {
			return nil
		}
		if !errors.Is(err, local.ErrGone) {
			return err
		}
		a.conditions.happened(api.ConditionSocketLost, api.SeverityWarning, nil)
		if listener, err = a.listenAgain(ctx); err != nil {
			return ending(ctx, err)
		}
	}
}

// listenAgain tries until it works. Whoever removed the socket may have removed its folder, or
// have put something else there.
func (a *Agent) listenAgain(ctx context.Context) (net.Listener, error) {
	again := time.NewTicker(a.world.tick)
	defer again.Stop()
	for {
		listener, err := local.Listen(a.config.Socket)
		if err == nil {
			return listener, nil
		}
		a.log.Warn("the local API cannot be served", "error", err)
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-again.C:
		}
	}
}

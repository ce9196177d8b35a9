package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"beagle/agent/api"
)

// inventoryGoal is the design's: an inventory scan beside fusioninventory's.
const inventoryGoal = 1.0 / 20

// otherCategories are all that fusioninventory 2.6 knows (no_category in its
// Task/Inventory modules) but software and process, which are what Beagle looks at.
const otherCategories = "antivirus,batteries,battery,controller,cpu,drive,environment,firewall,input,licenseinfo," +
	"local_group,local_user,lvm,memory,modem,monitor,network,port,printer,psu,remote_mgmt,slot,sound,storage,usb," +
	"user,video,virtualmachine"

func (b *bench) inventoryRows(ctx context.Context) ([]row, error) {
	const what = "inventory / fusioninventory"
	if err := b.installFusion(ctx); err != nil {
		return []row{{what: what, note: "skipped: " + err.Error()}}, nil
	}
	b.say("inventories")
	all, err := b.race(ctx,
		b.scan("inventory.json"),
		contender{args: []string{"fusioninventory-inventory", "--no-category=" + otherCategories}})
	if err != nil {
		return nil, err
	}
	if err := b.examined("inventory.json", "processes", 1); err != nil {
		return nil, err
	}
	c := compare(all[0], all[1])
	r := c.row(what)
	r.goal = atMost(c.cpu.median, inventoryGoal, "%.2f")
	return []row{r}, nil
}

// scan is the whole program, as an administrator runs it. Its exit codes 1 and 3 speak of
// the machine, not of a failure.
func (b *bench) scan(output string, more ...string) contender {
	args := []string{b.beagle, "scan", "--format", "json", "--output", filepath.Join(b.dir, output)}
	return contender{args: append(args, more...), codes: []int{1, 3}}
}

// examined keeps a scan from winning by looking at less: it reads from the scan's own
// result how much a probe looked at.
func (b *bench) examined(output, probe string, least int64) error {
	data, err := os.ReadFile(filepath.Join(b.dir, output))
	if err != nil {
		return err
	}
	var scan api.Scan
	if err := json.Unmarshal(data, &scan); err != nil {
		return fmt.Errorf("read the result of the scan: %w", err)
	}
	for i := range scan.Probes {
		if p := &scan.Probes[i]; p.Name == probe && p.Examined >= least {
			return nil
		}
	}
	return fmt.Errorf("the scan's probe %q looked at fewer than %d", probe, least)
}

func (b *bench) installFusion(ctx context.Context) error {
	if _, err := exec.LookPath("fusioninventory-inventory"); err == nil {
		return nil
	}
	if _, err := exec.LookPath("apt-get"); err != nil || os.Geteuid() != 0 {
		return errors.New("fusioninventory-inventory is missing: sudo apt-get install fusioninventory-agent")
	}
	b.say("installing fusioninventory-agent")
	cmd := exec.CommandContext(ctx, "apt-get", "install", "-y", "-qq", "--no-install-recommends", "fusioninventory-agent")
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("apt-get install fusioninventory-agent: %w: %s", err, out)
	}
	return nil
}

package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"beagle/agent"
	"beagle/agent/policy"
	"beagle/detectors/catalog"
)

func versionCommand(env Env) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the versions of program, catalog and policies", Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			index, err := catalog.Embedded()
			if err != nil {
				return err
			}
			fmt.Fprintf(env.Stdout, "beagle %s (%s, %s/%s)\ncatalog %s, %d apps\npolicies %s, %d policies\n",
				agent.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH,
				index.Version(), len(index.Apps()), policy.Embedded().Version, len(policy.Embedded().Policies))
			return nil
		},
	}
}

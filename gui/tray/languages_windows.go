package tray

import "golang.org/x/sys/windows"

// Languages are those that the person set for the system's own menus, the preferred first.
func Languages() []string {
	list, err := windows.GetUserPreferredUILanguages(windows.MUI_LANGUAGE_NAME)
	if err != nil {
		return nil
	}
	return list
}

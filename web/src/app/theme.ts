/** Light, dark, or as the system has it; kept over visits and known to public/theme.js before the first paint. */
import { createTheme, localStorageColorSchemeManager } from "@mantine/core";

export const schemeManager = localStorageColorSchemeManager({ key: "millrace-theme" });

export const theme = createTheme({
  primaryColor: "blue",
  defaultRadius: "sm",
  cursorType: "pointer",
  components: {
    Tooltip: { defaultProps: { withinPortal: true, events: { hover: true, focus: true, touch: true } } },
    PasswordInput: { defaultProps: { autoComplete: "off" } },
  },
});

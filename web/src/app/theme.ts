/** Light, dark, or as the system has it; kept over visits and known to public/theme.js before the first paint. */
import { createTheme, localStorageColorSchemeManager } from "@mantine/core";

export const schemeManager = localStorageColorSchemeManager({ key: "millrace-theme" });

export const theme = createTheme({
  primaryColor: "blue",
  defaultRadius: "sm",
  cursorType: "pointer",
  components: {
    // Its scroll lock writes a <style> element, which the page's CSP refuses.
    Modal: { defaultProps: { lockScroll: false, centered: true, closeButtonProps: { "aria-label": "Close" } } },
    Tooltip: { defaultProps: { withinPortal: true, events: { hover: true, focus: true, touch: true } } },
    PasswordInput: { defaultProps: { autoComplete: "off" } },
  },
});

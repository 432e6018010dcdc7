/** Whether single keys do something: whoever speaks to a computer, or slips, can switch that off (WCAG 2.1.4). */
const kKey = "millrace-single-keys";

export function singleKeysOn(): boolean {
  try {
    return localStorage.getItem(kKey) !== "off";
  } catch {
    return true;
  }
}

export function switchSingleKeys(on: boolean) {
  try {
    if (on) localStorage.removeItem(kKey);
    else localStorage.setItem(kKey, "off");
  } catch {
    // Storage is refused: they stay on.
  }
}

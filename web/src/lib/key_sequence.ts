/** Keys pressed one after the other ("g p"), as text editors know them. */

const kTogetherMs = 1000;

export class KeySequence {
  private first = "";
  private at = 0;

  /** `sequences`: keys as the browser names them, parted by spaces. */
  constructor(private readonly sequences: readonly string[]) {}

  /** The sequence that this key ends, or null. `now` in milliseconds. */
  press(key: string, now: number): string | null {
    const begun = now - this.at <= kTogetherMs ? this.first : "";
    this.first = "";
    const both = `${begun} ${key}`;
    if (begun && this.sequences.includes(both)) return both;
    if (this.sequences.includes(key)) return key;
    if (this.sequences.some((sequence) => sequence.startsWith(`${key} `))) {
      this.first = key;
      this.at = now;
    }
    return null;
  }
}

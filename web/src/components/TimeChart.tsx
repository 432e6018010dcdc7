/** One measure over time. Gaps in knowledge are gaps in the line; charts of one page share their crosshair. */
import "uplot/dist/uPlot.min.css";
import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useMemo, useRef, useState } from "react";
import uPlot from "uplot";
import { localTime } from "@/lib/format";
import layout from "@/styles/layout.module.css";
import styles from "./TimeChart.module.css";

const kHeight = 180;
const kTableRows = 60;

const kDayS = 86_400;

/** Hours and minutes; days as well once there are several. */
function timeLabels(_: uPlot, splits: number[]): string[] {
  const several = (splits.at(-1) ?? 0) - (splits[0] ?? 0) > kDayS;
  return splits.map((split) => {
    const at = new Date(split * 1000);
    return several
      ? at.toLocaleDateString(undefined, { month: "short", day: "numeric" })
      : at.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
  });
}

/** Values between two gaps: no line goes there, so they get a dot. */
function alone(self: uPlot, series: number): number[] {
  const values = self.data[series] ?? [];
  const known = (index: number) => values[index] !== null && values[index] !== undefined;
  return Array.from(values.keys()).filter((index) => known(index) && !known(index - 1) && !known(index + 1));
}

interface Props {
  title: string;
  /** RFC 3339, one a value. */
  times: string[];
  values: (number | null)[];
  format: (value: number | null) => string;
}

export function TimeChart({ title, times, values, format }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const show = useRef(format);
  show.current = format;
  const scheme = useComputedColorScheme("light");
  const [under, setUnder] = useState<number | null>(null);
  const data = useMemo<uPlot.AlignedData>(
    () => [times.map((time) => Date.parse(time) / 1000), values.map((value) => value ?? null)],
    [times, values],
  );
  const latest = useRef(data);
  latest.current = data;

  // biome-ignore lint/correctness/useExhaustiveDependencies: the other theme's colours are drawn anew
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const colours = getComputedStyle(document.documentElement);
    const axis = {
      stroke: colours.getPropertyValue("--muted"),
      grid: { stroke: colours.getPropertyValue("--chart-grid"), width: 1 },
      ticks: { show: false },
      font: "12px system-ui, sans-serif",
    };
    const chart = new uPlot(
      {
        width: element.clientWidth || 300,
        height: kHeight,
        legend: { show: false },
        cursor: { sync: { key: "millrace" }, drag: { x: false, y: false } },
        scales: { y: { range: (_, __, top) => [0, top > 0 ? top * 1.1 : 1] } },
        axes: [
          { ...axis, values: timeLabels },
          { ...axis, size: 96, values: (_, ticks) => ticks.map((tick) => show.current(tick)) },
        ],
        series: [
          {},
          {
            stroke: colours.getPropertyValue("--chart-1"),
            width: 1.5,
            points: { show: true, size: 4, filter: alone },
            spanGaps: false,
          },
        ],
        hooks: { setCursor: [(self) => setUnder(self.cursor.idx ?? null)] },
      },
      latest.current,
      element,
    );
    plot.current = chart;
    const resized = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: kHeight }));
    resized.observe(element);
    return () => {
      resized.disconnect();
      chart.destroy();
      plot.current = null;
    };
  }, [scheme]);

  useEffect(() => plot.current?.setData(data), [data]);

  const last = values.findLast((value) => value !== null && value !== undefined) ?? null;
  const shown = under === null ? last : (values[under] ?? null);
  return (
    <figure className={styles.figure}>
      <figcaption className={styles.caption}>
        <span>{title}</span>
        <span>
          {format(shown)}
          {under !== null && times[under] ? <span className={layout.muted}> at {localTime(times[under])}</span> : null}
        </span>
      </figcaption>
      <div ref={place} className={styles.plot} role="img" aria-label={`${title}, now ${format(last)}`} />
      <AsTable title={title} times={times} values={values} format={format} />
    </figure>
  );
}

/** The same for those who do not see the line. */
function AsTable({ title, times, values, format }: Props) {
  const [open, setOpen] = useState(false);
  const every = Math.max(1, Math.ceil(times.length / kTableRows));
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className={layout.small}>As a table</summary>
      {open ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <div className={styles.table} tabIndex={0} role="region" aria-label={`${title} as a table`}>
          <table className={layout.table}>
            <thead>
              <tr>
                <th scope="col">Time</th>
                <th scope="col">{title}</th>
              </tr>
            </thead>
            <tbody>
              {times
                .map((time, index) => ({ time, value: values[index] ?? null, index }))
                .filter(({ index }) => (times.length - 1 - index) % every === 0)
                .reverse()
                .map(({ time, value }) => (
                  <tr key={time}>
                    <td>{localTime(time)}</td>
                    <td>{value === null ? "not known" : format(value)}</td>
                  </tr>
                ))}
            </tbody>
          </table>
        </div>
      ) : null}
    </details>
  );
}

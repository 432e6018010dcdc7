interface Props {
  values: (number | null)[];
  /** Read out instead of the picture. */
  label: string;
  width?: number;
  height?: number;
}

/** A line without axes; where nothing is known there is a gap. */
export function Sparkline({ values, label, width = 96, height = 24 }: Props) {
  const top = Math.max(1e-9, ...values.map((value) => value ?? 0));
  const step = values.length > 1 ? width / (values.length - 1) : width;
  let path = "";
  let down = false;
  values.forEach((value, place) => {
    if (value === null) {
      down = false;
      return;
    }
    const y = height - 1.5 - (value / top) * (height - 3);
    path += `${down ? "L" : "M"}${(place * step).toFixed(1)} ${y.toFixed(1)}`;
    down = true;
  });
  return (
    <svg width={width} height={height} role="img" aria-label={label}>
      <path d={path} fill="none" stroke="var(--chart-1)" strokeWidth="1.5" strokeLinejoin="round" />
    </svg>
  );
}

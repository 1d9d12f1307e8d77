/** A small curve without axes: bars per minute. */
export function Spark({
  values,
  label,
  width = 150,
  height = 34,
}: {
  values: readonly number[];
  label: string;
  width?: number;
  height?: number;
}) {
  const top = Math.max(1, ...values);
  const step = width / Math.max(1, values.length);
  return (
    <svg class="spark" width={width} height={height} role="img" aria-label={`${label}: at most ${top}`}>
      <line x1="0" x2={width} y1={height - 0.5} y2={height - 0.5} stroke="var(--line)" />
      {values.map((value, i) => {
        const tall = (value / top) * (height - 4);
        return (
          value > 0 && (
            <rect key={i} x={i * step} y={height - 1 - tall} width={Math.max(1, step - 0.8)} height={tall} rx="0.8" />
          )
        );
      })}
    </svg>
  );
}

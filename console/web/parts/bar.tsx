// Small pictures: bars that add up, and lines the size of a word. Widths are attributes: styles are not allowed inline.

import { states, type State } from "./state";

/** Bar is a total divided by state. What is above 0 is at least visible. */
export function Bar({ parts, of, kind = "" }: { parts: Partial<Record<State, number>>; of: number; kind?: string }) {
  let x = 0;
  return (
    <svg class={`bar ${kind}`} aria-hidden="true">
      {states.map((state) => {
        const n = parts[state] ?? 0;
        if (n <= 0 || of <= 0) return null;
        const at = x;
        const width = Math.max((n / of) * 100, 0.6);
        x += (n / of) * 100;
        return <rect key={state} x={`${Math.min(at, 100 - width)}%`} width={`${width}%`} height="100%" class={`fill-${state}`} />;
      })}
    </svg>
  );
}

/** Share is one part of a whole. */
export const Share = ({ of, state = "delivered", kind = "thin" }: { of: number; state?: State; kind?: string }) => (
  <svg class={`bar ${kind}`} aria-hidden="true">
    {of > 0 && <rect width={`${Math.min(100, Math.max(of * 100, 0.6))}%`} height="100%" class={`fill-${state}`} />}
  </svg>
);

/** Spark is a line of the last hours, from 0 to its highest. */
export function Spark({ values, state }: { values: number[] | undefined; state?: State }) {
  const top = Math.max(0, ...(values ?? []));
  if (!values || values.length < 2 || top === 0) return null;
  const points = values.map((v, i) => `${((i / (values.length - 1)) * 64).toFixed(1)},${(17 - (v / top) * 16).toFixed(1)}`).join(" ");
  return (
    <svg class={`spark ${state ?? ""}`} viewBox="0 0 64 18" aria-hidden="true">
      <polygon class="area" points={`0,18 ${points} 64,18`} />
      <polyline points={points} />
    </svg>
  );
}

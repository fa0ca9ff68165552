// Bars over time, stacked by worst state.

import { states, type State } from "./state";

export interface Slot {
  at: number; // counts up by 1
  label: string;
  parts: Partial<Record<State, number>>;
}

const width = 60; // slots

export function Histogram({ slots, seconds }: { slots: Slot[]; seconds: number }) {
  const last = slots[slots.length - 1]?.at ?? 0;
  const sum = (slot: Slot) => Object.values(slot.parts).reduce((a, b) => a + b, 0);
  const top = Math.max(1, ...slots.map(sum));
  const rejected = slots.reduce((n, slot) => n + (slot.parts.rejected ?? 0), 0);
  return (
    <>
      <svg class="hist" viewBox={`0 0 ${width} 100`} preserveAspectRatio="none" role="img"
        aria-label={`Events of the last ${(width * seconds) / 60} minutes, by worst state; at most ${Math.round(top)} in ${seconds} seconds, ${Math.round(rejected)} rejected in all`}>
        {slots.map((slot) => {
          let y = 100;
          return (
            <g key={slot.at}>
              {[...states].reverse().map((state) => {
                const n = slot.parts[state] ?? 0;
                if (n <= 0) return null;
                const height = Math.max((n / top) * 96, 2);
                y -= height;
                return <rect key={state} class={`fill-${state}`} x={width - 1 - (last - slot.at) + 0.1} width="0.8" y={y} height={height} />;
              })}
            </g>
          );
        })}
      </svg>
      <div class="hist-x"><span>{(width * seconds) / 60} min ago</span><span>now</span></div>
    </>
  );
}

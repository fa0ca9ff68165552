// Lines over time. uPlot draws them; it is loaded with the first chart.

import { useEffect, useRef, useState } from "preact/hooks";
import type uPlot from "uplot";
import { date, minute } from "../format";
import { Glyph, type State } from "./state";

export interface Line {
  name: string;
  values: (number | null)[];
  state?: State; // its colour; the past has none and is dashed
}

interface Props {
  title: string;
  unit?: string; // in words, beside the title
  says: string; // what one should see, for who does not see it
  start: number; // seconds since 1970 of the first value
  step: number; // seconds
  lines: Line[];
  show: (value: number) => string;
  id?: string;
}

export function Chart(props: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [at, point] = useState<number | null>(null);
  const [dark, setDark] = useState(matchMedia("(prefers-color-scheme: dark)").matches);
  useEffect(() => {
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const change = () => setDark(scheme.matches);
    scheme.addEventListener("change", change);
    return () => scheme.removeEventListener("change", change);
  }, []);
  const data = JSON.stringify([props.start, props.step, props.lines]);
  useEffect(() => {
    let chart: uPlot | null = null;
    let gone = false;
    const host = box.current!; // the reference is empty as soon as the page changes, before this effect ends
    const watch = new ResizeObserver(() => chart?.setSize({ width: host.clientWidth, height: host.clientHeight }));
    void import("uplot").then(({ default: Plot }) => {
      if (gone) return;
      chart = new Plot(options(Plot, props, host, point), values(props), host);
      watch.observe(host);
    });
    return () => {
      gone = true;
      watch.disconnect();
      chart?.destroy();
    };
  }, [data, dark]);
  return (
    <>
      <div class="bar-head">
        <h2 id={props.id}>{props.title}</h2>
        {props.unit && <span class="soft small">{props.unit}</span>}
        <p class="legend tools">
          {at !== null && <span class="strong">{label(props, at)}</span>}
          {props.lines.map((line) => (
            <span class="st" key={line.name}>
              {line.state ? <Glyph state={line.state} /> : <svg viewBox="0 0 10 10" aria-hidden="true"><path class="l past" d="M0 5h10" /></svg>}
              {line.name} {at !== null && line.values[at] != null && props.show(line.values[at]!)}
            </span>
          ))}
        </p>
      </div>
      <div class="uplots" ref={box} role="img" aria-label={props.says} />
    </>
  );
}

const label = (p: Props, at: number) => {
  const time = (p.start + at * p.step) * 1000;
  return p.step >= 86400 ? date(time) : minute(time);
};

const values = (p: Props): uPlot.AlignedData => [
  (p.lines[0]?.values ?? []).map((_, i) => p.start + i * p.step),
  ...p.lines.map((line) => line.values),
];

// alone are the values with none beside them, which no line would show.
const alone = (values: Line["values"]) => {
  const list = values.flatMap((v, i) => (v !== null && values[i - 1] == null && values[i + 1] == null ? [i] : []));
  return list.length > 0 ? list : null;
};

function options(Plot: typeof uPlot, p: Props, box: HTMLElement, point: (at: number | null) => void): uPlot.Options {
  const style = getComputedStyle(box);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis = { stroke: colour("--text-3"), font: `11px ${colour("--sans")}`, ticks: { show: false } };
  return {
    width: box.clientWidth,
    height: box.clientHeight,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false }, sync: { key: "page" } },
    scales: { x: { time: true }, y: { range: (_, __, top) => [0, top > 0 ? top * 1.08 : 1] } },
    axes: [
      { ...axis, grid: { show: false }, space: 80, values: (_, ticks, __, ___, gap) => ticks.map((t) => (gap >= 86400 ? date(t * 1000) : minute(t * 1000))) },
      { ...axis, grid: { stroke: colour("--line"), width: 1 }, size: (_, labels) => Math.max(48, 16 + 6.5 * Math.max(0, ...(labels ?? []).map((label) => label.length))), space: 60, values: (_, ticks) => ticks.map((t) => p.show(t)) },
    ],
    series: [
      {},
      ...p.lines.map((line, i): uPlot.Series => ({
        stroke: colour(line.state ? `--f-${line.state}` : "--f-filtered"),
        fill: i === 0 && line.state ? colour("--accent-soft") : undefined,
        dash: line.state ? undefined : [3, 3],
        width: 1.75,
        points: { show: false, size: 5, fill: colour(line.state ? `--f-${line.state}` : "--f-filtered"), filter: () => alone(line.values) },
      })),
    ],
    hooks: { setCursor: [(chart) => point(chart.cursor.idx ?? null)] },
    plugins: [],
    padding: [8, 20, 0, 0],
    pxAlign: Plot.pxRatio > 1 ? 0 : 1,
  };
}

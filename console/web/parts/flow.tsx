// The flow of steps: columns of bars whose heights are shares, joined by bands.

import { count, percent } from "../format";
import { ended, type Column } from "../walk";

const height = 300;
const gap = 10;
const thick = 1.1; // percent of the width
const column = 27;

interface Box {
  y: number;
  h: number;
  to: string;
  count: number;
  share: string;
  on: boolean;
}

function boxes(c: Column): Box[] {
  const total = c.rows.reduce((n, r) => n + r.count, 0) || 1;
  const room = height - gap * (c.rows.length - 1);
  let y = 0;
  return c.rows.map((r) => {
    const h = (r.count / total) * room;
    const box = { y, h, to: r.to, count: r.count, share: percent(r.count, c.of), on: r.on };
    y += h + gap;
    return box;
  });
}

export function Flow({ columns }: { columns: Column[] }) {
  const laid = columns.map(boxes);
  const says = columns.slice(1).map((c) => `${c.title}: ${c.rows.map((r) => `${r.to} ${count(r.count)}`).join(", ")}`).join(". ");
  return (
    <svg class="flow" role="img" aria-label={says || "No step"}>
      <svg width="100%" height={height} viewBox={`0 0 100 ${height}`} preserveAspectRatio="none">
        {laid.slice(1).map((to, i) => <Bands key={i} from={laid[i]!.find((b) => b.on)} to={to} at={i} />)}
        {laid.map((all, i) => all.map((b) => <rect key={`${i} ${b.to}`} class={b.to === ended ? "fill-filtered" : "fill-delivered"} x={i * column} width={thick} y={b.y} height={Math.max(b.h, 0.5)} />))}
      </svg>
      {laid.map((all, i) => all.map((b) => <Label key={`${i} ${b.to}`} box={b} x={`${i * column + thick}%`} />))}
    </svg>
  );
}

function Bands({ from, to, at }: { from?: Box; to: Box[]; at: number }) {
  if (!from) return null;
  const total = to.reduce((n, b) => n + b.count, 0) || 1;
  const [x1, x2] = [at * column + thick, (at + 1) * column];
  const middle = (x1 + x2) / 2;
  let y = from.y;
  return (
    <>
      {to.map((b) => {
        const top = y;
        y += (b.count / total) * from.h;
        return <path key={b.to} class={b.to === ended ? "fill-line" : "fill-soft"} d={`M${x1} ${top}C${middle} ${top} ${middle} ${b.y} ${x2} ${b.y}L${x2} ${b.y + b.h}C${middle} ${b.y + b.h} ${middle} ${y} ${x1} ${y}z`} />;
      })}
    </>
  );
}

const roomy = 30; // height for two lines
const least = 8; // height for one

function Label({ box, x }: { box: Box; x: string }) {
  const y = box.y + box.h / 2;
  const name = box.to.length > 28 ? box.to.slice(0, 27) + "…" : box.to;
  if (box.h < least) return null;
  if (box.h < roomy) return <text class="on" x={x} dx="8" y={y} dy="4">{name}<tspan class="w" dx="6">{count(box.count)}</tspan></text>;
  return <><text class="on" x={x} dx="8" y={y} dy="-2">{name}</text><text x={x} dx="8" y={y} dy="13">{count(box.count)} · {box.share}</text></>;
}

// The tree of paths, as columns of steps and as whole walks.

import type { Branch } from "./insight";

export const ended = "session ends";
export const other = "(other)";

export interface Column {
  depth: number;
  title: string;
  of: number; // what its rows are a share of
  rows: (Branch & { on: boolean })[];
}

/** chosenSteps reads the steps of the address. */
export function chosenSteps(walk: string): string[] {
  try {
    const steps: unknown = JSON.parse(walk || "[]");
    return Array.isArray(steps) ? steps.filter((s): s is string => typeof s === "string") : [];
  } catch {
    return []; // somebody has changed the address
  }
}

/** after are the steps that follow one, with the end of the session as one of them. */
function after(branch: Branch): Branch[] {
  const next = branch.next ?? [];
  const ends = branch.count - next.reduce((n, b) => n + b.count, 0);
  return [...next, ...(ends > 0 ? [{ to: ended, count: ends }] : [])].sort((a, b) => (a.to === other ? 1 : b.to === other ? -1 : b.count - a.count));
}

const shown = 7; // steps in a column; the rest is one

function fewer(rows: Branch[], keep: string | undefined): Branch[] {
  if (rows.length <= shown) return rows;
  const kept = rows.filter((r, i) => (i < shown - 1 && r.to !== other) || r.to === keep);
  return [...kept, { to: other, count: rows.filter((r) => !kept.includes(r)).reduce((n, r) => n + r.count, 0) }];
}

/** columnsOf lays a tree out along the steps that are chosen, and where none is, along the most usual ones. */
export function columnsOf(root: Branch, chosen: string[], steps: number, back: boolean): Column[] {
  const columns: Column[] = [{ depth: 0, title: "Start", of: root.count, rows: [{ ...root, on: true }] }];
  let at: Branch = root;
  for (let depth = 1; depth <= steps; depth++) {
    const all = after(at);
    if (all.length === 0) break;
    const on = all.find((b) => b.to === chosen[depth - 1]) ?? (chosen.length < depth ? all.find((b) => b.to !== ended && b.to !== other) : undefined);
    const word = back ? "step before" : "next step";
    columns.push({ depth, title: `${depth}. ${word}${depth > 1 ? ` ${back ? "of" : "after"} ${at.to}` : ""}`, of: at.count, rows: fewer(all, on?.to).map((b) => ({ ...b, on: b.to === on?.to })) });
    if (!on) break;
    at = on;
  }
  return columns;
}

export interface Walk {
  steps: string[];
  count: number;
}

/** walksOf are the whole walks of a tree, most usual first. */
export function walksOf(root: Branch, steps: number): Walk[] {
  const walks: Walk[] = [];
  const follow = (branch: Branch, along: string[]) => {
    if (along.length > steps || branch.to === ended || branch.to === other) return void walks.push({ steps: along, count: branch.count });
    for (const next of after(branch)) follow(next, [...along, next.to]);
  };
  follow(root, [root.to]);
  return walks.filter((w) => w.steps.at(-1) !== other).sort((a, b) => b.count - a.count);
}

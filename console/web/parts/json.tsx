// A value as a person reads JSON: keys, texts and numbers coloured. Whatever it holds is text.

import type { ComponentChildren } from "preact";

const longest = 4000; // parts that are coloured; what is longer is one plain text

export function Json({ value }: { value: unknown }) {
  if (typeof value === "string") return <>{value}</>;
  const out: ComponentChildren[] = [];
  write(out, value, "");
  return <>{out.length > longest ? JSON.stringify(value, null, 2) : out}</>;
}

function write(out: ComponentChildren[], value: unknown, indent: string) {
  if (typeof value === "string") return void out.push(<span class="t">{JSON.stringify(value)}</span>);
  if (value === null || typeof value !== "object") return void out.push(String(value));
  const list = Array.isArray(value);
  const entries = Object.entries(value);
  if (entries.length === 0) return void out.push(list ? "[]" : "{}");
  const inner = indent + "  ";
  out.push(list ? "[" : "{");
  entries.forEach(([key, item], i) => {
    out.push("\n" + inner);
    if (!list) out.push(<span class="k">{JSON.stringify(key)}</span>, ": ");
    write(out, item, inner);
    if (i < entries.length - 1) out.push(",");
  });
  out.push("\n" + indent + (list ? "]" : "}"));
}

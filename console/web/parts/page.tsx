// What every screen has: a line with its title, and the same thing as a command and an API call at its foot.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useQuery } from "../route";
import { Icon } from "./icon";
import { useKeys } from "./keys";

export function Head(props: { title: string; tab?: string; sub?: ComponentChildren; crumb?: ComponentChildren; children?: ComponentChildren }) {
  useEffect(() => {
    document.title = (props.tab ?? props.title) + " · Headgate";
  }, [props.tab, props.title]);
  return (
    <div class="head">
      {props.crumb && <p class="crumb">{props.crumb}</p>}
      <h1>{props.title}</h1>
      {props.sub && <div class="sub">{props.sub}</div>}
      {props.children && <div class="tools">{props.children}</div>}
    </div>
  );
}

export function Equal({ command, api }: { command: string; api: string }) {
  return (
    <footer class="equal">
      <span>Same in a terminal</span>
      <span class="grow">
        <code>{command}</code> <Copy text={command} what="the command" />
      </span>
      <span class="hide-s">
        API <code>{api}</code>
      </span>
    </footer>
  );
}

export function Copy({ text, what, word, primary }: { text: string; what: string; word?: string; primary?: boolean }) {
  const [done, set] = useState(false);
  return (
    <button
      class={`btn ${primary ? "primary" : word ? "" : "ghost"}`}
      aria-label={done ? `Copied ${what}` : `Copy ${what}`}
      onClick={() => {
        void navigator.clipboard?.writeText(text);
        set(true);
      }}
    >
      <Icon name={done ? "check" : "copy"} />
      {word}
    </button>
  );
}

export const times = ["1h", "24h", "7d", "14d"];

/** useSince is the time that is looked at, a span up to now; it is in the address. */
export function useSince(): [string, (since: string) => void] {
  return useQuery("since", "24h");
}

export function Since() {
  const [since, set] = useSince();
  const move = (by: number) => {
    const next = times[times.indexOf(since) + by];
    if (next) set(next);
  };
  useKeys({ "[": () => move(-1), "]": () => move(1) });
  return (
    <Seg label="Time" options={times.map((t) => [t, t.replace(/(\d+)/, "$1 ")])} value={since} choose={set} />
  );
}

export function Seg(props: { label: string; options: string[][]; value: string; choose: (value: string) => void }) {
  return (
    <div class="seg" role="group" aria-label={props.label}>
      {props.options.map(([value, word]) => (
        <button key={value} type="button" aria-pressed={value === props.value} onClick={() => props.choose(value!)}>
          {word}
        </button>
      ))}
    </div>
  );
}

export interface Tab {
  id: string;
  name: ComponentChildren;
}

/** Tabs show one of several views; the arrows move between them. */
export function Tabs({ tabs, value, choose, label }: { tabs: Tab[]; value: string; choose: (id: string) => void; label: string }) {
  const arrow = (press: KeyboardEvent) => {
    const by = press.key === "ArrowRight" ? 1 : press.key === "ArrowLeft" ? -1 : 0;
    if (!by) return;
    const at = tabs.findIndex((tab) => tab.id === value);
    const next = tabs[(at + by + tabs.length) % tabs.length]!;
    choose(next.id);
    document.getElementById("tab-" + next.id)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={label} onKeyDown={arrow}>
      {tabs.map((tab) => (
        <button
          key={tab.id}
          id={"tab-" + tab.id}
          role="tab"
          aria-selected={tab.id === value}
          aria-controls="tab-panel"
          tabIndex={tab.id === value ? 0 : -1}
          onClick={() => choose(tab.id)}
        >
          {tab.name}
        </button>
      ))}
    </div>
  );
}

/** Scroll lets a wide table scroll by itself. */
export const Scroll = ({ label, children }: { label: string; children: ComponentChildren }) => (
  <div class="scroll" tabIndex={0} role="region" aria-label={label}>
    {children}
  </div>
);

/** Row is wholly clickable; its link, class row, is what the keyboard sees. */
export const Row = ({ children, ...more }: { children: ComponentChildren } & Record<string, unknown>) => (
  <tr
    class="go"
    {...more}
    onClick={(click) => {
      if (!(click.target as Element).closest("a, button, input, label") && !getSelection()?.toString()) click.currentTarget.querySelector<HTMLElement>("a.row")?.click();
    }}
  >
    {children}
  </tr>
);

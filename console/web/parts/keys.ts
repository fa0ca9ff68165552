// Single keys. They do nothing while somebody types, and can be turned off (WCAG 2.1.4).

import { useEffect } from "preact/hooks";

export type Keys = Record<string, (press: KeyboardEvent) => unknown>;

const offKey = "keys-off";
export const keysAreOff = () => localStorage.getItem(offKey) !== null;
export const turnKeys = (on: boolean) => (on ? localStorage.removeItem(offKey) : localStorage.setItem(offKey, "1"));

const typing = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.matches("input:not([type=checkbox]), textarea, select") || target.isContentEditable || !!target.shadowRoot);

/** useKeys listens as long as the component is there. */
export function useKeys(keys: Keys) {
  useEffect(() => {
    const listener = (press: KeyboardEvent) => {
      if (press.defaultPrevented || press.metaKey || press.ctrlKey || press.altKey || keysAreOff() || typing(press.target)) return;
      if (document.querySelector("dialog[open]")) return;
      keys[press.key]?.(press);
    };
    document.addEventListener("keydown", listener);
    return () => document.removeEventListener("keydown", listener);
  });
}

/** nextRow moves to the next or previous row that can be opened. */
export function nextRow(by: 1 | -1) {
  const rows = [...document.querySelectorAll<HTMLElement>("main tr.go a.row, main summary, main .hits-list a")].filter((row) => row.offsetParent);
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

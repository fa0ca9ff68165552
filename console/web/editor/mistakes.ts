// Mistakes in place: the wrong word underlined, and below its line what is wrong, with the cure as a button.

import { StateEffect, StateField, type EditorState, type Range } from "@codemirror/state";
import { Decoration, EditorView, WidgetType, type DecorationSet } from "@codemirror/view";
import type { Mistake } from "../api";

/** setMistakes says what is wrong with the text as it stands. */
export const setMistakes = StateEffect.define<Mistake[]>();

/** cureOf is what a mistake's own words say to write, and in place of what. */
export function cureOf(m: Mistake): { old: string; new: string } | null {
  const next = /did you mean "([^"]+)"/.exec(m.cure ?? "")?.[1] ?? /^write ([\w.]+)$/.exec(m.cure ?? "")?.[1];
  const old = /"([^"]+)"/.exec(m.fact)?.[1];
  return next && old ? { old, new: next } : null;
}

function range(state: EditorState, m: Mistake): { from: number; to: number } {
  const line = state.doc.line(Math.min(Math.max(1, m.line), state.doc.lines));
  const at = Math.min(line.from + Math.max(0, m.column - 1), line.to);
  const cure = cureOf(m);
  const found = cure ? line.text.indexOf(cure.old) : -1;
  if (cure && found >= 0) return { from: line.from + found, to: line.from + found + cure.old.length };
  const word = /^[^\s,\]}]+/.exec(line.text.slice(at - line.from))?.[0] ?? "";
  return { from: at, to: Math.min(line.to, at + Math.max(1, word.length)) };
}

/** replace takes the cure of a mistake; false when it has none, or the text is another by now. */
export function replace(view: EditorView, m: Mistake): boolean {
  const cure = cureOf(m);
  if (!cure) return false;
  const { from, to } = range(view.state, m);
  if (view.state.sliceDoc(from, to) !== cure.old) return false;
  view.dispatch({ changes: { from, to, insert: cure.new } });
  view.focus();
  return true;
}

class Words extends WidgetType {
  constructor(readonly mistake: Mistake) {
    super();
  }
  override eq(other: Words) {
    return JSON.stringify(other.mistake) === JSON.stringify(this.mistake);
  }
  override toDOM(view: EditorView) {
    const m = this.mistake;
    const row = document.createElement("div"); // its padding counts as its height, as a margin would not
    row.className = "cm-mistake-row";
    const box = row.appendChild(document.createElement("div"));
    box.className = "cm-mistake";
    const words = document.createElement("span");
    words.textContent = m.fact + (m.cure ? `; ${m.cure}` : "");
    box.append(words);
    const cure = cureOf(m);
    if (cure) {
      const button = document.createElement("button");
      button.textContent = `Replace by ${cure.new}`;
      button.onclick = () => replace(view, m);
      box.append(button);
    }
    return row;
  }
  override ignoreEvent() {
    return true;
  }
}

function decorate(state: EditorState, mistakes: Mistake[]): DecorationSet {
  const all: Range<Decoration>[] = mistakes.slice(0, 50).flatMap((m) => {
    const { from, to } = range(state, m);
    const line = state.doc.lineAt(from);
    return [
      Decoration.line({ class: "cm-wrong-line" }).range(line.from),
      ...(to > from ? [Decoration.mark({ class: "cm-wrong" }).range(from, to)] : []),
      Decoration.widget({ widget: new Words(m), block: true, side: 1 }).range(line.to),
    ];
  });
  return Decoration.set(all, true);
}

/** mistakesField keeps them where they are while the text changes around them. */
export const mistakesField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(old, transaction) {
    for (const effect of transaction.effects) if (effect.is(setMistakes)) return decorate(transaction.state, effect.value);
    return old.map(transaction.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

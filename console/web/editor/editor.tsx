// The editor of the configuration: CodeMirror with YAML, completion and hover from the JSON Schema, mistakes in place. It lives
// in a shadow root: there CodeMirror's styles are style sheets of the document, which the Content-Security-Policy allows.

import { autocompletion, completionKeymap, type Completion, type CompletionContext } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, hoverTooltip, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "preact/hooks";
import type { Mistake } from "../api";
import { cureOf, mistakesField, replace, setMistakes } from "./mistakes";
import { about, keysAt, placeAt, valuesAt, type Schema } from "./schema";

interface Props {
  file: string;
  text: string; // to begin with; another text is another editor
  readOnly: boolean;
  schema: Schema | null;
  mistakes: Mistake[]; // of this file
  line: number; // to show first, 0 is none
  change: (text: string) => void;
}

const colours = HighlightStyle.define([
  { tag: tags.definition(tags.propertyName), color: "var(--c-key)" },
  { tag: tags.propertyName, color: "var(--c-key)" },
  { tag: [tags.string, tags.content], color: "var(--c-text)" },
  { tag: tags.comment, color: "var(--c-note)" },
  { tag: [tags.keyword, tags.bool, tags.number], color: "var(--c-formula)" },
]);

const look = EditorView.theme({
  "&": { backgroundColor: "var(--surface)", color: "var(--text)", fontSize: "12.5px", height: "560px" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "20px", overflow: "auto" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--text-3)", border: "0" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--accent-soft) 45%, transparent)" },
  ".cm-activeLineGutter": { backgroundColor: "transparent" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--accent-soft) !important" },
  ".cm-tooltip": { backgroundColor: "var(--surface)", color: "var(--text)", border: "1px solid var(--line)", borderRadius: "6px", boxShadow: "var(--shadow)", maxWidth: "480px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent-soft)", color: "var(--text)" },
  ".cm-hover": { padding: "6px 10px", fontFamily: "var(--sans)", fontSize: "12px", lineHeight: "16px" },
  ".cm-wrong-line": { backgroundColor: "var(--s-rejected)" },
  ".cm-wrong": { textDecoration: "underline wavy var(--f-rejected) 1px", textUnderlineOffset: "3px" },
  ".cm-mistake-row": { padding: "2px 12px 6px" },
  ".cm-mistake": { display: "flex", flexWrap: "wrap", alignItems: "center", gap: "4px 12px", padding: "6px 10px", border: "1px solid var(--f-rejected)", borderRadius: "6px", backgroundColor: "var(--surface)", fontFamily: "var(--sans)", fontSize: "13px", whiteSpace: "normal" },
  ".cm-mistake button": { padding: "2px 8px", border: "1px solid var(--line)", borderRadius: "6px", backgroundColor: "var(--surface)", color: "var(--text)", font: "inherit", cursor: "pointer" },
  ".cm-panels": { backgroundColor: "var(--sunken)", color: "var(--text)" },
});

export default function Editor(props: Props) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const locked = useRef(new Compartment());
  useEffect(() => {
    const root = host.current!.shadowRoot ?? host.current!.attachShadow({ mode: "open" });
    const state = EditorState.create({ doc: props.text, extensions: [...parts(latest), locked.current.of(EditorState.readOnly.of(props.readOnly)), EditorView.contentAttributes.of({ "aria-label": `Text of ${props.file}` })] });
    view.current = new EditorView({ state, parent: root, root });
    view.current.scrollDOM.tabIndex = 0; // so that the keyboard scrolls it, too
    if (props.line > 0) toLine(view.current, props.line);
    return () => view.current?.destroy();
  }, []);
  useEffect(() => {
    const v = view.current;
    v?.dispatch({ effects: setMistakes.of(props.mistakes) });
  }, [props.mistakes]);
  useEffect(() => {
    if (view.current && props.line > 0) toLine(view.current, props.line);
  }, [props.line]);
  useEffect(() => void view.current?.dispatch({ effects: locked.current.reconfigure(EditorState.readOnly.of(props.readOnly)) }), [props.readOnly]);
  return <div ref={host} class="codes" />;
}

function toLine(view: EditorView, line: number) {
  const at = view.state.doc.line(Math.min(line, view.state.doc.lines));
  view.dispatch({ selection: { anchor: at.from }, effects: EditorView.scrollIntoView(at.from, { y: "center" }) });
}

function parts(latest: { current: Props }) {
  return [
    lineNumbers(), history(), drawSelection(), highlightActiveLine(), highlightSelectionMatches(), indentOnInput(), mistakesField, search({ top: true }),
    yaml(), syntaxHighlighting(colours), look, EditorView.lineWrapping,
    autocompletion({ override: [(context) => complete(context, latest.current.schema)], icons: false }),
    hoverTooltip((view, pos) => hover(view, pos, latest.current.schema)),
    // Tab leaves the editor, as everywhere on a page.
    keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap, ...completionKeymap, { key: "Mod-.", run: (view) => takeCure(view, latest.current.mistakes) }]),
    EditorView.updateListener.of((update) => update.docChanged && latest.current.change(update.state.doc.toString())),
  ];
}

function placeOf(state: EditorState, pos: number) {
  const line = state.doc.lineAt(pos);
  const above = state.doc.toString().split("\n").slice(0, line.number);
  return placeAt(above, line.number - 1, pos - line.from);
}

function complete(context: CompletionContext, schema: Schema | null) {
  if (!schema) return null;
  const word = context.matchBefore(/[\w.-]*/);
  if (!word || (word.from === word.to && !context.explicit)) return null;
  const place = placeOf(context.state, context.pos);
  const words = place.value ? valuesAt(schema, [...place.path, place.key]) : keysAt(schema, place.path);
  const options = words.map((w): Completion => ({ label: w.word, apply: place.value ? w.word : w.word + ": ", info: [w.says, w.example && `Example: ${w.example}`].filter(Boolean).join(" ") || undefined }));
  return options.length > 0 ? { from: word.from, options, validFor: /^[\w.-]*$/ } : null;
}

function hover(view: EditorView, pos: number, schema: Schema | null) {
  if (!schema) return null;
  const place = placeOf(view.state, pos);
  if (!place.key || place.value) return null;
  const found = about(schema, [...place.path, place.key]);
  if (!found) return null;
  return {
    pos,
    above: true,
    create: () => {
      const dom = document.createElement("div");
      dom.className = "cm-hover";
      dom.textContent = found.says + (found.example ? ` Example: ${found.example}` : "");
      return { dom };
    },
  };
}

/** takeCure takes the cure of the mistake that is nearest to the cursor. */
function takeCure(view: EditorView, mistakes: Mistake[]): boolean {
  const here = view.state.doc.lineAt(view.state.selection.main.head).number;
  const near = mistakes.filter(cureOf).sort((a, b) => Math.abs(a.line - here) - Math.abs(b.line - here))[0];
  return near ? replace(view, near) : false;
}

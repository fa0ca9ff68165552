// The files of the configuration and the draft of them: what was loaded, what is changed, what check says of it.

import { useEffect, useRef, useState } from "preact/hooks";
import { call, request, Refusal, type Mistake } from "../api";
import { keepDraft, readDraft } from "../parts/draft";

export interface Files {
  names: string[];
  saved: Record<string, string>; // as they are on disk
  draft: Record<string, string>; // only what differs
  version: string; // the ETag
  revision: number; // another one: the texts have changed from outside the editor
  error: string;
  textOf: (file: string) => string;
  change: (file: string, text: string) => void;
  discard: () => void;
  reload: () => void;
}

export function useFiles(): Files {
  const [state, set] = useState<Loaded>({ names: [], saved: {}, version: "", error: "" });
  const [revision, revise] = useState(0);
  const [draft, setDraft] = useState<Record<string, string>>(readDraft()?.files ?? {});
  const [round, next] = useState(0);
  useEffect(() => {
    load().then((loaded) => (set(loaded), revise((n) => n + 1)), (thrown) => set((old) => ({ ...old, error: thrown instanceof Refusal ? thrown.message : "Headgate does not answer." })));
  }, [round]);
  useEffect(() => keepDraft({ version: state.version, files: draft }), [draft, state.version]);
  return {
    ...state, draft, revision,
    textOf: (file) => draft[file] ?? state.saved[file] ?? "",
    change: (file, text) => setDraft((old) => {
      const { [file]: _, ...others } = old;
      return text === state.saved[file] ? others : { ...others, [file]: text };
    }),
    discard: () => (setDraft({}), revise((n) => n + 1)),
    reload: () => next((n) => n + 1),
  };
}

interface Loaded {
  names: string[];
  saved: Record<string, string>;
  version: string;
  error: string;
}

async function load(): Promise<Loaded> {
  const answer = await request("/api/config");
  const version = answer.headers.get("ETag") ?? "";
  if (!answer.headers.get("Content-Type")?.includes("json")) {
    const name = answer.headers.get("X-File") ?? "headgate.yaml";
    return { names: [name], saved: { [name]: await answer.text() }, version, error: "" };
  }
  const { files } = (await answer.json()) as { files: string[] };
  const texts = await Promise.all(files.map(async (file) => [file, await (await request("/api/config?file=" + encodeURIComponent(file))).text()] as const));
  return { names: files, saved: Object.fromEntries(texts), version, error: "" };
}

export interface Checked {
  ok: boolean;
  mistakes: Mistake[];
  warnings: Mistake[];
  known: boolean; // false: it was not checked
}

const rest = 120; // ms without a key until the draft is checked

/** useCheck checks the draft as it is typed. */
export function useCheck(files: Files): Checked {
  const [state, set] = useState<Checked>({ ok: true, mistakes: [], warnings: [], known: false });
  const absent = useRef(false);
  const key = JSON.stringify(files.draft);
  useEffect(() => {
    if (files.names.length === 0 || absent.current) return;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      call<Omit<Checked, "known">>("/api/check", { body: { files: files.draft }, signal: stop.signal }).then(
        (said) => set({ ok: said.ok, mistakes: said.mistakes ?? [], warnings: said.warnings ?? [], known: true }),
        (thrown) => {
          if (thrown instanceof Refusal && thrown.absent) absent.current = true;
        },
      );
    }, rest);
    return () => (clearTimeout(timer), stop.abort());
  }, [key, files.version]);
  return state;
}
